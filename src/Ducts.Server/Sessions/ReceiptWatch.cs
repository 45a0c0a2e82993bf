using Ducts.Connections;

namespace Ducts.Sessions;

/// <summary>
/// Cuts connections over <c>outbox_limit</c> for which nothing has got through for <c>receipt_timeout</c>: no receipt has come, and of a
/// write that waits the peer's system has taken nothing.
/// </summary>
/// <remarks>Threading: <see cref="FindEnd"/> is called by the session's clock alone, the other members by any thread.</remarks>
internal sealed class ReceiptWatch(Session session)
{
    // How precisely a connection is cut whose client confirms nothing.
    private const int LooksPerTimeout = 4;

    private long _confirmed;
    private long _acknowledged;
    private long _overSince;
    private int _cuts;

    /// <summary>Another connection has the session, whose time begins anew.</summary>
    public void Restart() => Volatile.Write(ref _overSince, 0);

    /// <summary>Cuts the session's connection where it is time.</summary>
    /// <returns>How the session is to be closed when that has happened again; null while it goes on.</returns>
    public SessionEnd? FindEnd(long now)
    {
        if (session.Outbox.Confirmed is var confirmed && confirmed != _confirmed)
        {
            _confirmed = confirmed;
            Restart();
            _cuts = 0;
        }

        if (!session.Outbox.IsOverLimit || session.Outbox.IsUnread || session.CurrentConnection is not { ConfirmsReceipt: true } connection)
        {
            Restart();
            return null;
        }

        // A large message on a slow line has no receipt for long. Where no write waits, pings and the like are no progress.
        if (connection.Sender.IsWriting && connection.Acknowledged is var acknowledged && acknowledged != _acknowledged)
        {
            _acknowledged = acknowledged;
            Restart();
        }

        var since = Volatile.Read(ref _overSince);
        if (since == 0)
        {
            Volatile.Write(ref _overSince, now);
            return null;
        }

        if (session.Context.Time.GetElapsedTime(since, now) < session.Options.ReceiptTimeout)
        {
            return null;
        }

        Restart();
        session.Context.Log.NoReceipts(session.SessionId, session.Options.ReceiptTimeout.TotalSeconds);
        if (_cuts++ > 0)
        {
            return SessionEnd.OutOfStep("no receipts");
        }

        connection.Abort();
        return null;
    }

    /// <summary>Returns when <see cref="FindEnd"/> is to be called next.</summary>
    public long NextDue(long now) => session.Context.Wheel.After(now, session.Options.ReceiptTimeout / LooksPerTimeout);
}
