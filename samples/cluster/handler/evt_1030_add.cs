using System.Collections.Concurrent;

// Counts one session's calls twice: in this process, and in Redis. The session
// keeps its id when another node takes it over; only what is in Redis goes with it.
public sealed class Add : DuctsHandler
{
    private readonly ConcurrentDictionary<string, long> _calls = new();

    public async Task<object> HandleAsync(IEventSession session, CancellationToken cancellationToken)
    {
        var inMemory = _calls.AddOrUpdate(session.SessionId, 1, (_, calls) => calls + 1);
        var inRedis = (await session.Redis.ExecuteAsync("INCR", [Key(session)], cancellationToken)).AsInt64();
        return new { inMemory, inRedis };
    }

    public override async Task HandleClosedAsync(IEventSession session, CancellationToken cancellationToken)
    {
        _calls.TryRemove(session.SessionId, out _);
        await session.Redis.ExecuteAsync("DEL", [Key(session)], cancellationToken);
    }

    private static string Key(IEventSession session) => $"CLUSTER-SAMPLE/CALLS/{session.SessionId}";
}
