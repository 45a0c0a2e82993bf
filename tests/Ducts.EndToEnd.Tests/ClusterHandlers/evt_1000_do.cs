// Notes that it ran, so that a test can count, and answers what it was asked with and where that was. The sessions' ends are noted, too.
public sealed class Do : DuctsHandler
{
    public async Task<object> HandleAsync(string id, int pause, IEventSession session, CancellationToken cancellationToken)
    {
        await session.Redis.ExecuteAsync("HINCRBY", ["CHAOS/RUNS", id, 1], CancellationToken.None);
        await session.Redis.ExecuteAsync("HSET", ["CHAOS/PLACES", id.Split('-')[0], Environment.ProcessId], CancellationToken.None);
        if (pause > 0)
            await Task.Delay(pause, cancellationToken);
        return new { id, session = session.SessionId, pid = Environment.ProcessId };
    }

    public override Task HandleConnectedAsync(IEventSession session, CancellationToken cancellationToken) => NoteAsync("CHAOS/CONNECTED", session);

    public override Task HandleClosedAsync(IEventSession session, CancellationToken cancellationToken) => NoteAsync("CHAOS/CLOSED", session);

    private static async Task NoteAsync(string key, IEventSession session) =>
        await session.Redis.ExecuteAsync("RPUSH", [key, $"{session.SessionId} {Environment.ProcessId} {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}"], CancellationToken.None);
}
