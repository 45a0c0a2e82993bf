using Ducts.Tests.Support;

namespace Ducts.EndToEnd.Clients;

/// <summary>The way of one session to the server: so many connections that fail, and then one that does not.</summary>
internal sealed class FaultedSession : IAsyncDisposable
{
    private readonly TaskCompletionSource _faulted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FaultProxy _proxy;
    private readonly Lock _gate = new();
    private int _left;

    public FaultedSession(int port, Random random, int faults)
    {
        _left = faults;
        _proxy = new FaultProxy(port, FaultPlan.None)
        {
            Choose = head => Choose(head, random),
            // Clients look at the limit themselves; the server is to refuse.
            Replace = ("\"max_message_size\":1000000"u8.ToArray(), "\"max_message_size\":9000000"u8.ToArray()),
        };
    }

    public string Run { get; } = Guid.NewGuid().ToString("N");

    public int Port => _proxy.Port;

    /// <summary>Ends when all connections that are to fail have come.</summary>
    public Task Faulted => _faulted.Task;

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    private FaultPlan Choose(string head, Random random)
    {
        if (!head.Contains("websocket", StringComparison.OrdinalIgnoreCase))
            return FaultPlan.None;
        lock (_gate)
        {
            if (_left-- > 0)
                return FaultPlan.AnyFrom(random);
        }

        _faulted.TrySetResult();
        return FaultPlan.None;
    }
}
