using Ducts;
using GuestBook.Data;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace GuestBook.Handlers;

/// <summary>
/// Notes each session in the database and counts it in Redis, for all servers together, over the application's own connection.
/// A hook has no parameters for services: it asks its session for them.
/// </summary>
[Event(1002, "VISITS")]
public sealed class Visits(IConnectionMultiplexer redis, TimeProvider time) : DuctsHandler
{
    public const string Counter = "guest-book:visits";

    public async Task<long> HandleAsync() => (long)await redis.GetDatabase().StringGetAsync(Counter);

    public override async Task HandleConnectedAsync(IEventSession session, CancellationToken cancellationToken)
    {
        await redis.GetDatabase().StringIncrementAsync(Counter);
        var db = session.Services.GetRequiredService<GuestBookContext>();
        db.Visits.Add(new Visit { SessionId = session.SessionId, OpenedAt = time.GetUtcNow() });
        await db.SaveChangesAsync(cancellationToken);
    }

    public override Task HandleClosedAsync(IEventSession session, CancellationToken cancellationToken)
    {
        var db = session.Services.GetRequiredService<GuestBookContext>();
        DateTimeOffset? now = time.GetUtcNow();
        return db.Visits
            .Where(visit => visit.SessionId == session.SessionId)
            .ExecuteUpdateAsync(set => set.SetProperty(visit => visit.ClosedAt, now), cancellationToken);
    }
}
