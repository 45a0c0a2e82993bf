using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Sends one message to many sessions. It is packed once; a session without room holds up none of the others.</summary>
internal static class Broadcast
{
    /// <summary>Sends a message to the sessions that match.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before the message was queued for each of them.</exception>
    public static async ValueTask<PushResult> SendAsync(
        IEnumerable<Session> sessions,
        SessionContext context,
        int eventId,
        object? data,
        Func<IEventSession, bool>? predicate,
        PushMode mode,
        CancellationToken cancellationToken)
    {
        var (reached, skipped, push) = SendNow(sessions, context, eventId, data, predicate, mode, cancellationToken);
        if (push is null)
            return new PushResult(reached, skipped);
        await push.WaitAsync(cancellationToken);
        return new PushResult(reached + push.Reached, skipped);
    }

    private static (int Reached, int Skipped, Push? Push) SendNow(
        IEnumerable<Session> sessions,
        SessionContext context,
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
            context.Pushes.Pack(buffer, eventId, data);
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

            return (reached, skipped, waiting is null ? null : Wait(buffer, waiting, context.Memory));
        }
        finally
        {
            buffer.Return();
            text?.Return();
        }
    }

    // Once for all that wait: of one session it is that session's memory, of several it is nobody's but the server's.
    private static Push Wait(MessageBuffer buffer, List<Session> sessions, MemoryBudget memory)
    {
        var push = new Push(buffer.Written.ToArray(), sessions.Count, sessions is [var only] ? only.Pushes.Charge : memory.Change);
        push.BeginToWait();
        foreach (var session in sessions)
            session.Pushes.Enqueue(push);
        return push;
    }
}
