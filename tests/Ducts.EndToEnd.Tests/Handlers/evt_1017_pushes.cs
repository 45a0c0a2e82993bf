// Pushes 1, 2, 3 and so on until RELEASE opens the gate, and answers how many.
public sealed class Pushes : DuctsHandler
{
    public async Task<int> HandleAsync(string gate, IEventSession session, CancellationToken cancellationToken)
    {
        var open = Wait.Gates.GetOrAdd(gate, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        var n = 0;
        while (!open.IsCompleted)
        {
            await session.PushAsync(1017, ++n, cancellationToken);
            await Task.WhenAny(open, Task.Delay(n % 15, cancellationToken));
        }
        return n;
    }
}
