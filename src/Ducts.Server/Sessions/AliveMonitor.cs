using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Answers ALIVE_MONITORING: at once and then every few seconds, for as long as the session lives.</summary>
/// <remarks>Threading: started by the session's receive loop, continued by the session's clock.</remarks>
internal sealed class AliveMonitor(Session session, SessionContext context)
{
    // A client asks once; more are a client's mistake and are answered once each.
    private const int MaxMonitors = 8;

    private readonly Lock _gate = new();
    private List<Monitor>? _monitors;

    public void Start(ReadOnlySpan<byte> requestId, WireEncoding encoding)
    {
        var monitor = new Monitor(requestId.ToArray(), encoding, Now()) { Last = context.Time.GetTimestamp() };
        Send(monitor);
        lock (_gate)
        {
            _monitors ??= new List<Monitor>(1);
            if (_monitors.Count < MaxMonitors)
                _monitors.Add(monitor);
        }

        session.Clock.Schedule(context.Wheel.After(monitor.Last, context.AliveInterval));
    }

    /// <summary>Sends what is due.</summary>
    /// <returns>When something is due next; <see cref="Scheduled.Never"/> where nothing has been asked for.</returns>
    public long Tick(long now)
    {
        var next = Scheduled.Never;
        var due = new List<Monitor>();
        lock (_gate)
        {
            foreach (var monitor in _monitors ?? [])
            {
                if (context.Wheel.After(monitor.Last, context.AliveInterval) is var at && now < at)
                {
                    next = Math.Min(next, at);
                    continue;
                }

                monitor.Last = now;
                next = Math.Min(next, context.Wheel.After(now, context.AliveInterval));
                due.Add(monitor);
            }
        }

        due.ForEach(Send);
        return next;
    }

    private double Now() => (context.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    private void Send(Monitor monitor)
    {
        var buffer = MessageBuffer.Rent();
        ReplyMessages.Alive(buffer, monitor.RequestId, Now(), monitor.Received);
        session.Channel.SendBeside(buffer, monitor.Encoding);
        buffer.Return();
    }

    private sealed record Monitor(byte[] RequestId, WireEncoding Encoding, double Received)
    {
        public long Last { get; set; }
    }
}
