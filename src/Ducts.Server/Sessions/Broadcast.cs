using System.Buffers;
using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Sends one message to many sessions. It is packed once; a session without room holds up none of the others.</summary>
internal sealed class Broadcast(IPushPacker packer, MemoryBudget memory, IServerFeed? feed = null)
{
    /// <summary>Returns the id of an event.</summary>
    /// <exception cref="KeyNotFoundException">No event has that key.</exception>
    public int IdOf(string key) => packer.IdOf(key);

    /// <summary>Sends a message to the sessions that match.</summary>
    /// <param name="sessions">The sessions, which are enumerated once.</param>
    /// <param name="eventId">The event's id.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="predicate">Returns true for each session that receives the message; null for all of them.</param>
    /// <param name="scope">What the sessions have in common, so that other servers send it to theirs; null for this server's alone.</param>
    /// <param name="mode">What to do about sessions that have no room for the message.</param>
    /// <param name="cancellationToken">Stops the operation.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled before the message was queued for each of them.</exception>
    /// <exception cref="Redis.RedisClientException">The other servers cannot be told; the sessions of this one get the message.</exception>
    public async ValueTask<PushResult> SendAsync(
        IEnumerable<Session> sessions,
        int eventId,
        object? data,
        Func<IEventSession, bool>? predicate,
        PushScope? scope,
        PushMode mode,
        CancellationToken cancellationToken)
    {
        var (reached, skipped, push, telling) = SendNow(sessions, eventId, data, predicate, scope, mode, cancellationToken);
        await telling;
        if (push is null)
            return new PushResult(reached, skipped);
        await push.WaitAsync(cancellationToken);
        return new PushResult(reached + push.Reached, skipped);
    }

    /// <summary>Sends a message to sessions that another server has packed. Nobody waits for those that have no room.</summary>
    /// <param name="sessions">The sessions, which are enumerated once.</param>
    /// <param name="packed">The message in MessagePack.</param>
    /// <param name="mode">What to do about sessions that have no room for the message.</param>
    public void Send(IEnumerable<Session> sessions, ReadOnlySpan<byte> packed, PushMode mode)
    {
        var buffer = MessageBuffer.Rent();
        try
        {
            buffer.Write(packed);
            SendNow(buffer, sessions, predicate: null, mode, CancellationToken.None);
        }
        finally
        {
            buffer.Return();
        }
    }

    private (int Reached, int Skipped, Push? Push, ValueTask Telling) SendNow(
        IEnumerable<Session> sessions,
        int eventId,
        object? data,
        Func<IEventSession, bool>? predicate,
        PushScope? scope,
        PushMode mode,
        CancellationToken cancellationToken)
    {
        var buffer = MessageBuffer.Rent();
        try
        {
            packer.Pack(buffer, eventId, data);
            var telling = feed is null || scope is null ? ValueTask.CompletedTask : feed.PushAsync(scope, buffer.Written.ToArray(), mode, cancellationToken);
            var (reached, skipped, push) = SendNow(buffer, sessions, predicate, mode, cancellationToken);
            return (reached, skipped, push, telling);
        }
        finally
        {
            buffer.Return();
        }
    }

    private (int Reached, int Skipped, Push? Push) SendNow(
        MessageBuffer buffer,
        IEnumerable<Session> sessions,
        Func<IEventSession, bool>? predicate,
        PushMode mode,
        CancellationToken cancellationToken)
    {
        MessageBuffer? text = null;
        try
        {
            var (reached, skipped) = (0, 0);
            List<Session>? waiting = null;
            foreach (var session in sessions)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (session.IsClosed || predicate?.Invoke(session.CreateView()) == false)
                    continue;
                if (!session.Pushes.CanSend)
                {
                    if (mode == PushMode.SkipSlow)
                        skipped++;
                    else
                        (waiting ??= []).Add(session);
                    continue;
                }

                var encoding = session.PushEncoding;
                var message = encoding == WireEncoding.Json ? text ??= buffer.ToJsonText() : buffer;
                session.Outbox.Append(encoding, message.Written);
                session.Flush();
                reached++;
            }

            return (reached, skipped, waiting is null ? null : Wait(buffer, waiting));
        }
        finally
        {
            text?.Return();
        }
    }

    // Once for all that wait: of one session it is that session's memory, of several it is nobody's but the server's.
    private Push Wait(MessageBuffer buffer, List<Session> sessions)
    {
        var push = new Push(buffer.Written.ToArray(), sessions.Count, sessions is [var only] ? only.Pushes.Charge : memory.Change);
        push.BeginToWait();
        foreach (var session in sessions)
            session.Pushes.Enqueue(push);
        return push;
    }
}
