using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Answers ALIVE_MONITORING: at once and then every few seconds, for as long as the session lives.</summary>
/// <remarks>Threading: started by the session's receive loop, continued by the sweeper.</remarks>
internal sealed class AliveMonitor(Session session, TimeSpan interval, TimeProvider time)
{
    // A client asks once; more are a client's mistake and are answered once each.
    private const int MaxMonitors = 8;

    private readonly Lock _gate = new();
    private List<Monitor>? _monitors;

    public void Start(ReadOnlySpan<byte> requestId, WireEncoding encoding)
    {
        var monitor = new Monitor(requestId.ToArray(), encoding, Now()) { Next = time.GetTimestamp() };
        Send(monitor);
        lock (_gate)
        {
            _monitors ??= new List<Monitor>(1);
            if (_monitors.Count < MaxMonitors)
                _monitors.Add(monitor);
        }
    }

    public void Tick(long now)
    {
        if (_monitors is null)
            return;
        var due = false;
        lock (_gate)
        {
            foreach (var monitor in _monitors)
            {
                if (time.GetElapsedTime(monitor.Next, now) < interval)
                    continue;
                monitor.Next = now;
                // A session that takes nothing does not gather these either.
                if (session.Resumption is null && session.Outbox.IsFull)
                    continue;
                Send(monitor);
                due = true;
            }
        }

        if (due)
            session.Outbox.Signal();
    }

    private double Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    private void Send(Monitor monitor)
    {
        var buffer = MessageBuffer.Rent();
        ReplyMessages.Alive(buffer, monitor.RequestId, Now(), monitor.Received);
        if (session.Resumption is { } resumption)
            resumption.SendBeside(buffer, monitor.Encoding);
        else
            session.Channel.SendWhole(buffer, monitor.Encoding);
        buffer.Return();
    }

    private sealed record Monitor(byte[] RequestId, WireEncoding Encoding, double Received)
    {
        public long Next { get; set; }
    }
}
