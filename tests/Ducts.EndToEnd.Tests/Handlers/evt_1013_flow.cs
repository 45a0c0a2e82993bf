// Numbers, four at a time, until RELEASE opens the gate.
public sealed class Flow : DuctsHandler
{
    public async IAsyncEnumerable<int> HandleAsync(string gate, int pause, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var open = Wait.Gates.GetOrAdd(gate, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        for (var n = 1; !open.IsCompleted; n++)
        {
            yield return n;
            if (n % 4 == 0)
                await Task.WhenAny(open, Task.Delay(pause, cancellationToken));
        }
    }
}
