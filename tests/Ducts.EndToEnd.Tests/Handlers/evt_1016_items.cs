// Bytes that begin with 1, 2, 3 and so on, until RELEASE opens the gate; the last have their number negated.
public sealed class Items : DuctsHandler
{
    public async IAsyncEnumerable<byte[]> HandleAsync(string gate, int size, int pause, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var open = Wait.Gates.GetOrAdd(gate, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        var n = 1;
        for (; !open.IsCompleted; n++)
        {
            yield return Do.Bytes(n, 4 + (size == 0 ? 0 : n * 7919 % size));
            if (pause > 0 && n % 4 == 0)
                await Task.WhenAny(open, Task.Delay(pause, cancellationToken));
        }
        yield return Do.Bytes(-n, 4);
    }
}
