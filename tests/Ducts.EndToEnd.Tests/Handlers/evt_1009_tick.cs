// A stream that goes on over a lost connection: one item for each call of RELEASE with its name and number.
public sealed class Tick : DuctsHandler
{
    public async IAsyncEnumerable<int> HandleAsync(string gate, int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var n = 1; n <= count; n++)
        {
            var open = Wait.Gates.GetOrAdd($"{gate}{n}", _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            await open.Task.WaitAsync(cancellationToken);
            yield return n;
        }
    }
}
