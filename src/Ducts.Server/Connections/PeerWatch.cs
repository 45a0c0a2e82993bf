using Ducts.Connections.Transport;

namespace Ducts.Connections;

/// <summary>
/// Finds out that the peer of a connection is gone. Where the connection owns a socket whose system tells, the system asks silent
/// peers (<see cref="KeepAlive"/>), and a ping goes out now and then for what lies behind a proxy; elsewhere pings alone tell.
/// </summary>
/// <remarks>Threading: the wheel's, but for what other remarks say.</remarks>
internal sealed class PeerWatch(Connection connection, OwnedSocket? socket, DuctsWebSocketOptions options, TimerWheel wheel, TimeProvider time, ConnectionLog log) : Scheduled
{
    private const int MaxPings = 2;

    // The system is asked again after this part of the interval, where an answer is late.
    private const int LateDivisor = 8;

    // How precisely a peer is cut that reads nothing.
    private const int StallDivisor = 10;

    private readonly TimeSpan _lostAfter = options.PingPongInterval * 3;
    private long _lastPing;
    private int _pings;

    /// <summary>Begins, with the connection's own start.</summary>
    public void Start() => wheel.Schedule(this, Before(wheel.After(time.GetTimestamp(), options.PingPongInterval), time.GetTimestamp()));

    /// <summary>The connection is not read for now, so that its end would not be noticed. Called by the loop that reads it.</summary>
    public void OnPause() => wheel.Schedule(this, wheel.Now);

    public void Stop() => wheel.Remove(this);

    public override long OnDue(long now)
    {
        // Closing has a time of its own.
        if (connection.IsClosing)
        {
            return Never;
        }

        if (connection.Sender.GetStall(now, time) > options.StallTimeout)
        {
            log.PeerStalled(connection.Owner.Name, options.StallTimeout);
            connection.Abort();
            return Never;
        }

        var isReading = connection.IsReading;
        if (!isReading && socket is not null && !TryFindEnd(socket))
        {
            return Never;
        }

        var lastRead = connection.LastRead;
        if (lastRead >= _lastPing)
        {
            _pings = 0;
        }

        var silence = time.GetElapsedTime(lastRead, now);
        if (silence < options.PingPongInterval)
        {
            return isReading ? Before(wheel.After(lastRead, options.PingPongInterval), now) : now;
        }

        var next = wheel.After(now, options.PingPongInterval);
        var state = socket?.FindPeerState();
        if (state is { } peer)
        {
            if (peer.IsLost(_lostAfter))
            {
                if (!isReading)
                {
                    // What its system was told has arrived is handled first; then it is lost by the next look.
                    connection.ReadToEnd();
                    return now;
                }

                log.PeerGone(connection.Owner.Name, peer.SinceAcknowledged);
                connection.Abort();
                return Never;
            }

            if (peer.IsAwaited)
            {
                var left = _lostAfter - peer.SinceAcknowledged;
                var least = options.PingPongInterval / LateDivisor;
                next = wheel.After(now, left > least ? left : least);
            }
        }

        // A peer that we do not read, or that does not read us, cannot be expected to answer.
        if (!isReading || connection.Sender.IsWriting || !connection.CarriesPings)
        {
            return isReading ? Before(next, now) : now;
        }

        var answerDue = _pings > 0
            ? wheel.After(_lastPing, options.PingPongInterval)
            : wheel.After(lastRead, state is null ? options.PingPongInterval : options.IdlePingInterval);
        if (now < answerDue)
        {
            return Before(Math.Min(next, answerDue), now);
        }

        if (_pings >= MaxPings)
        {
            log.PeerSilent(connection.Owner.Name);
            connection.Abort();
            return Never;
        }

        _lastPing = now;
        _pings++;
        connection.Sender.SendControl(Opcode.Ping, []);
        return Before(next, now);
    }

    // Who does not read learns of no end. False when the connection has been reset.
    private bool TryFindEnd(OwnedSocket unread)
    {
        if (unread.IsReset)
        {
            connection.Abort();
            return false;
        }

        if (!connection.IsReadToEnd && unread.HasPeerEnded)
        {
            connection.ReadToEnd();
        }

        return true;
    }

    // A write may begin to wait at any time.
    private long Before(long due, long now) => Math.Min(due, wheel.After(now, options.StallTimeout / StallDivisor));
}
