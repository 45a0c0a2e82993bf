using Ducts.Protocol;

namespace Ducts.Connections;

/// <summary>What a sender sends besides the messages of the outbox: control frames, and messages that have no number.</summary>
/// <remarks>Threading: any thread adds; the one that sends takes.</remarks>
internal sealed class ControlFrames
{
    // A peer that sends pings and reads nothing gets no more than these pongs kept for it.
    private const int MaxFrames = 64;

    private readonly Lock _gate = new();
    private Queue<byte[]>? _frames;
    private byte[]? _latest;
    private bool _hasClosed;
    private (int Code, string Reason)? _closeWhenDrained;
    private volatile bool _hasAny;

    /// <summary>Gets whether there is a frame, or a close that waits for the outbox; without a lock.</summary>
    public bool HasAny => _hasAny;

    /// <summary>Adds a frame, which goes before all messages that wait.</summary>
    /// <returns>False when too many wait already, or, for a close frame, when there has been one.</returns>
    public bool TryAdd(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var frame = ToFrame(opcode, payload);
        lock (_gate)
        {
            _frames ??= new Queue<byte[]>();
            if (opcode == Opcode.Close ? _hasClosed : _frames.Count >= MaxFrames)
                return false;
            _hasClosed |= opcode == Opcode.Close;
            _frames.Enqueue(frame);
            _hasAny = true;
            return true;
        }
    }

    /// <summary>Sets the message that goes along with the next that is sent, in the place of the one before.</summary>
    public void SetLatest(WireEncoding encoding, ReadOnlySpan<byte> message)
    {
        var frame = ToFrame(Outbox.OpcodeOf(encoding), message);
        lock (_gate)
            _latest = frame;
    }

    /// <summary>Sets the close frame that goes out once the outbox is empty; the first one stays.</summary>
    public void SetClose(int code, string reason)
    {
        lock (_gate)
        {
            _closeWhenDrained ??= (code, reason);
            _hasAny = true;
        }
    }

    public bool TryTake(out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        if (!_hasAny)
            return false;
        lock (_gate)
        {
            if (_frames is null || !_frames.TryDequeue(out var bytes))
                return false;
            frame = bytes;
            _hasAny = _frames.Count > 0 || _closeWhenDrained is not null;
            return true;
        }
    }

    /// <summary>Has the latest message go along with a chunk, where there is one and room for it.</summary>
    public void TakeLatestAlong(OutboxChunk chunk)
    {
        chunk.EndCompanion();
        if (Volatile.Read(ref _latest) is null)
            return;
        lock (_gate)
        {
            if (_latest is not null && chunk.TryTakeAlong(_latest))
                _latest = null;
        }
    }

    /// <summary>Takes the latest message, to be sent by itself.</summary>
    public bool TryTakeLatest(out ReadOnlyMemory<byte> frame)
    {
        frame = Volatile.Read(ref _latest) is null ? null : Interlocked.Exchange(ref _latest, null);
        return !frame.IsEmpty;
    }

    /// <summary>Takes the close that waited for the outbox.</summary>
    public (int Code, string Reason)? TakeClose()
    {
        if (!_hasAny)
            return null;
        lock (_gate)
        {
            var close = _closeWhenDrained;
            _closeWhenDrained = null;
            _hasAny = _frames is { Count: > 0 };
            return close;
        }
    }

    private static byte[] ToFrame(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHeader.ServerLength(payload.Length) + payload.Length];
        payload.CopyTo(frame.AsSpan(FrameHeader.Write(frame, opcode, final: true, payload.Length)));
        return frame;
    }
}
