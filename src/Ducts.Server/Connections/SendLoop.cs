using System.Buffers;

namespace Ducts.Connections;

/// <summary>Writes what a session's outbox has gathered, and a socket's control frames before that.</summary>
/// <remarks>Threading: <see cref="RunAsync"/> alone writes; any thread calls the other members.</remarks>
internal sealed class SendLoop(Connection connection, Stream stream)
{
    // A peer that sends pings and reads nothing gets no more than these pongs kept for it.
    private const int MaxControlFrames = 64;

    private readonly SendSignal _signal = new();
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _control = new();
    private (int Code, string Reason)? _closeWhenDrained;
    private volatile bool _finishing;
    private volatile bool _hasControl;
    private long _writingSince;

    /// <summary>A write waits for the peer to read.</summary>
    public bool IsWriting => Volatile.Read(ref _writingSince) != 0;

    /// <summary>How long the write that runs has been waiting for the peer.</summary>
    public TimeSpan IsStalledFor(long now, TimeProvider time)
    {
        var since = Volatile.Read(ref _writingSince);
        if (since == 0)
            return TimeSpan.Zero;
        // The first look at a write starts its clock: no timestamp is taken on the hot path.
        if (since == 1)
        {
            Interlocked.CompareExchange(ref _writingSince, now, 1);
            return TimeSpan.Zero;
        }

        return time.GetElapsedTime(since, now);
    }

    public void Signal() => _signal.Set();

    public void SendControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHeader.ServerLength(payload.Length) + payload.Length];
        payload.CopyTo(frame.AsSpan(FrameHeader.Write(frame, opcode, final: true, payload.Length)));
        lock (_gate)
        {
            if (_control.Count >= MaxControlFrames && opcode != Opcode.Close)
                return;
            _control.Enqueue(frame);
            _hasControl = true;
        }

        _signal.Set();
    }

    /// <summary>Sends a close frame once the outbox is empty.</summary>
    public void CloseWhenDrained(int code, string reason)
    {
        lock (_gate)
        {
            _closeWhenDrained ??= (code, reason);
            _hasControl = true;
        }

        _signal.Set();
    }

    /// <summary>Ends the loop after the control frames that are queued.</summary>
    public void Finish()
    {
        _finishing = true;
        _signal.Set();
    }

    /// <summary>Writes until <see cref="Finish"/> or the socket's end.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                if (TryTakeControl(out var control))
                    await WriteAsync(control);
                else if (connection.IsClosing && _finishing)
                    return;
                else if (!connection.IsClosing && connection.Session.Outbox.TryTake(connection, out var chunk))
                    await WriteAsync(chunk!);
                else if (TakeClose() is var (code, reason))
                    connection.SendClose(code, reason);
                else
                    await _signal.WaitAsync();
            }
        }
        catch (Exception exception)
        {
            // Whatever a stream throws: it is not written any further. One that has ended is still read to its end.
            connection.Session.Log.SocketLost(connection.Session.SessionId, exception.Message);
            if (!connection.Lost.IsCancellationRequested)
                connection.Abort();
        }
    }

    private async ValueTask WriteAsync(OutboxChunk chunk)
    {
        try
        {
            connection.Session.CountSent(chunk.Messages);
            await WriteAsync(chunk.Bytes);
        }
        finally
        {
            connection.Session.Outbox.Release(chunk);
        }
    }

    private ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var writing = stream.WriteAsync(bytes, connection.Lost);
        if (writing.IsCompletedSuccessfully)
            return writing;
        Volatile.Write(ref _writingSince, 1);
        return Finished(writing);
    }

    private async ValueTask Finished(ValueTask writing)
    {
        try
        {
            await writing;
        }
        finally
        {
            Volatile.Write(ref _writingSince, 0);
        }
    }

    private bool TryTakeControl(out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        if (!_hasControl)
            return false;
        lock (_gate)
        {
            var taken = _control.TryDequeue(out var bytes);
            frame = bytes;
            _hasControl = _control.Count > 0 || _closeWhenDrained is not null;
            return taken;
        }
    }

    private (int Code, string Reason)? TakeClose()
    {
        if (!_hasControl)
            return null;
        lock (_gate)
        {
            var close = _closeWhenDrained;
            _closeWhenDrained = null;
            _hasControl = _control.Count > 0;
            return close;
        }
    }
}
