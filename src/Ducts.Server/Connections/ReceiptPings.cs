using System.Buffers.Binary;

namespace Ducts.Connections;

/// <summary>
/// Asks the peer of a connection what it has received: a ping carries the number of the last message before it, and every WebSocket
/// stack echoes it behind what it has taken. Pings go along with messages; one goes by itself where messages are not followed by others.
/// </summary>
/// <remarks>Threading: any thread, under one lock.</remarks>
internal sealed class ReceiptPings : Scheduled
{
    /// <summary>How many bytes are sent until the peer is asked, whatever it has not answered yet.</summary>
    public const int Bytes = 64 * 1024;

    private const int FrameLength = 2 + sizeof(long);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Connection _connection;
    private readonly Outbox _outbox;
    private readonly TimerWheel _wheel;
    private long _bytes;
    private long _due;
    private long _asked;
    private long _answered;

    public ReceiptPings(Connection connection, Outbox outbox, TimerWheel wheel)
    {
        _connection = connection;
        _outbox = outbox;
        _wheel = wheel;
        // The first message is asked for at once.
        _due = wheel.Now;
    }

    /// <summary>A chunk is about to be sent, with a ping where one is due.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="number">The number of its last message.</param>
    public void OnTaken(OutboxChunk chunk, long number)
    {
        var isAnswered = false;
        lock (_gate)
        {
            _bytes += chunk.Length;
            isAnswered = _answered >= _asked;
            if (_bytes >= Bytes || (isAnswered && _wheel.Now >= _due))
            {
                Span<byte> frame = stackalloc byte[FrameLength];
                FrameHeader.Write(frame, Opcode.Ping, final: true, sizeof(long));
                BinaryPrimitives.WriteInt64BigEndian(frame[^sizeof(long)..], number);
                // Where it has no room, the ping is the next that is sent.
                if (chunk.TryTakeAlong(frame) || _connection.Sender.TryQueueControl(Opcode.Ping, frame[^sizeof(long)..]))
                {
                    NoteAsked(number);
                    return;
                }
            }
        }

        if (isAnswered)
            _wheel.Schedule(this, _due);
    }

    /// <summary>The peer has echoed a ping.</summary>
    public void OnPong(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != sizeof(long))
            return;
        var number = BinaryPrimitives.ReadInt64BigEndian(payload);
        lock (_gate)
        {
            // Whatever a peer sends that was not asked.
            if (number <= _answered || number > _asked)
                return;
            _answered = number;
        }

        _outbox.ConfirmByPong(_connection, number);
        if (_outbox.Taken > number)
            _wheel.Schedule(this, Volatile.Read(ref _due));
    }

    public void Stop() => _wheel.Remove(this);

    public override long OnDue(long now)
    {
        Span<byte> payload = stackalloc byte[sizeof(long)];
        lock (_gate)
        {
            var number = _outbox.Taken;
            // Its answer brings the next.
            if (_connection.IsClosing || number <= _asked || _answered < _asked)
                return Never;
            if (now < _due)
                return _due;
            BinaryPrimitives.WriteInt64BigEndian(payload, number);
            NoteAsked(number);
        }

        _connection.Sender.SendControl(Opcode.Ping, payload);
        return Never;
    }

    private void NoteAsked(long number)
    {
        _asked = number;
        _bytes = 0;
        Volatile.Write(ref _due, _wheel.After(_wheel.Now, Interval));
    }
}
