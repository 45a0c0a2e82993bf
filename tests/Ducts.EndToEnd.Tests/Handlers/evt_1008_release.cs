public sealed class Release : DuctsHandler
{
    public void Handle(string gate) =>
        Wait.Gates.GetOrAdd(gate, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
