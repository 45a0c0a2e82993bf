using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Sends one message to many sessions. It is packed once; a session without room holds up none of the others.</summary>
internal sealed class Broadcast(IPushPacker packer, MemoryBudget memory)
{
    /// <summary>Returns the id of an event.</summary>
    /// <exception cref="KeyNotFoundException">No event has that key.</exception>
    public int IdOf(string key) => packer.IdOf(key);

    /// <summary>Sends a message to the sessions that match.</summary>
    /// <param name="sessions">The sessions, which are enumerated once.</param>
    /// <param name="eventId">The event's id.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="predicate">Returns true for each session that receives the message; null for all of them.</param>
    /// <param name="mode">What to do about sessions that have no room for the message.</param>
    /// <param name="cancellationToken">Stops the operation.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled before the message was queued for each of them.</exception>
    public async ValueTask<PushResult> SendAsync(
        IEnumerable<Session> sessions,
        int eventId,
        object? data,
        Func<IEventSession, bool>? predicate,
        PushMode mode,
        CancellationToken cancellationToken)
    {
        var (reached, skipped, push) = SendNow(sessions, eventId, data, predicate, mode, cancellationToken);
        if (push is null)
            return new PushResult(reached, skipped);
        await push.WaitAsync(cancellationToken);
        return new PushResult(reached + push.Reached, skipped);
    }

    private (int Reached, int Skipped, Push? Push) SendNow(
        IEnumerable<Session> sessions,
        int eventId,
        object? data,
        Func<IEventSession, bool>? predicate,
        PushMode mode,
        CancellationToken cancellationToken)
    {
        var buffer = MessageBuffer.Rent();
        MessageBuffer? text = null;
        try
        {
            packer.Pack(buffer, eventId, data);
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
            buffer.Return();
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
