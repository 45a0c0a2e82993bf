using System.Collections.Concurrent;

namespace Ducts.Sessions;

/// <content>Sessions that may live on any of several servers.</content>
internal sealed partial class SessionRegistry
{
    private readonly ConcurrentDictionary<string, Task> _adoptions = new(StringComparer.Ordinal);

    /// <summary>Takes a session over whose server has died. Its client finds it in another life; one that does not count finds none.</summary>
    /// <returns>The session, which waits for its client; null where it is not to be had.</returns>
    /// <exception cref="Redis.RedisClientException">Redis is out of reach, or does not take writes.</exception>
    public async Task<Session?> AdoptAsync(string streamId, CancellationToken cancellationToken)
    {
        var adopted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_adoptions.TryAdd(streamId, adopted.Task))
            return null;
        try
        {
            return await AdoptCoreAsync(streamId, cancellationToken);
        }
        finally
        {
            _adoptions.TryRemove(streamId, out _);
            adopted.SetResult();
        }
    }

    /// <summary>Waits for a session that is just being taken over: until it is here, its record alone says that it is.</summary>
    public Task WhenAdoptedAsync(string streamId, CancellationToken cancellationToken) =>
        _adoptions.TryGetValue(streamId, out var adoption) ? adoption.WaitAsync(cancellationToken) : Task.CompletedTask;

    private async Task<Session?> AdoptCoreAsync(string streamId, CancellationToken cancellationToken)
    {
        if (placement is null || await placement.ClaimAsync(streamId, cancellationToken) is not { } image)
            return null;
        var session = new Session(context, image.Ticket, image.User, image.Resumes) { Registry = this, Holding = image.Holding };
        if (!_sessions.TryAdd(streamId, session))
        {
            // What is left here of the same id was this server's under a name that has been marked as dead, and is being dropped.
            await AbandonAsync(session);
            return null;
        }

        index.AddKnown(session);
        context.Log.Adopted(session.SessionId);
        session.BeginAdopted();
        return session;
    }

    /// <summary>The user of a session has been replaced: a server that takes it over is to find the new one.</summary>
    public async ValueTask UpdateUserAsync(Session session)
    {
        if (placement is null)
            return;
        try
        {
            await placement.UpdateUserAsync(session);
        }
        catch (Redis.RedisClientException exception)
        {
            // The session has its new user all the same; elsewhere it would have the former, whose rights end sooner.
            context.Log.UserNotRecorded(exception, session.SessionId);
        }
    }

    /// <summary>Cuts the sessions that this server had as a node which other servers believe dead: they are theirs.</summary>
    public async Task DropAsync(string node)
    {
        foreach (var session in Live.Where(session => session.Holding?.Node == node).ToArray())
        {
            session.CurrentConnection?.Abort();
            await DropAsync(session, SessionEnd.Left);
        }
    }

    private async Task DropAsync(Session session, SessionEnd end)
    {
        if (!await session.CloseAsync(end, isDropped: true))
        {
            await session.Ended;
            return;
        }

        index.Remove(session);
        _sessions.TryRemove(new KeyValuePair<string, Session>(session.Ticket.StreamId, session));
        context.Log.Dropped(session.SessionId);
        session.SetEnded();
    }

    // It has a record already that says it is open here.
    private async Task AbandonAsync(Session session)
    {
        session.Abandon();
        if (placement is null)
            return;
        try
        {
            await placement.EndAsync(session, voidsTicket: false);
        }
        catch (Redis.RedisClientException exception)
        {
            context.Log.CloseNotRecorded(exception, session.SessionId);
        }
    }

    // The record that was made for the one is now that of the other, which was opened at the same moment.
    private static void HandOver(Session session, Session? other)
    {
        if (other is not null && session.Holding is { } holding && (other.Holding is not { } former || former.Epoch < holding.Epoch))
            other.Holding = holding;
        session.Abandon();
    }
}
