using System.Collections.Concurrent;

// Answers WAIT when RELEASE says so: a test decides when, not a clock.
public sealed class Wait : DuctsHandler
{
    public static readonly ConcurrentDictionary<string, TaskCompletionSource> Gates = new();

    public async Task<string> HandleAsync(string gate, CancellationToken cancellationToken)
    {
        await Gates.GetOrAdd(gate, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellationToken);
        return $"{gate} is open";
    }
}
