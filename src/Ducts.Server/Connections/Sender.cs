using Ducts.Connections.Transport;

namespace Ducts.Connections;

/// <summary>
/// Sends what a session's outbox has gathered, and a socket's control frames before that. There is no loop that waits:
/// the thread that signals sends until nothing is left or the peer has to read first, so that a reply reaches the socket
/// without a change of threads. It does not stay when others keep it busy.
/// </summary>
/// <remarks>
/// Threading: any thread calls any member. One thread sends at a time, which <see cref="_state"/> decides; a signal that
/// comes meanwhile makes it look again. <see cref="Signal"/> is called without any lock held.
/// </remarks>
internal sealed class Sender(Connection connection, Outbox outbox, WebSocketTransport transport) : IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Sending = 1;
    private const int Signalled = 2;

    // Writes of a thread that signals, while others go on appending; of 32 KiB each where messages are small.
    private const int MaxTurns = 16;

    // A peer that sends pings and reads nothing gets no more than these pongs kept for it.
    private const int MaxControlFrames = 64;

    // Of its own, as each message needs it.
    private readonly OwnedSocket? _socket = transport.Socket;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Queue<byte[]>? _control;
    private (int Code, string Reason)? _closeWhenDrained;
    private volatile bool _closing;
    private volatile bool _finishing;
    private volatile bool _hasControl;

    // Nobody sends before the start.
    private int _state = Sending;
    private long _writingSince;

    /// <summary>Gets a task that completes after <see cref="Finish"/>, or when the socket is closed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Gets whether only control frames may still be sent.</summary>
    public bool IsClosing => _closing;

    /// <summary>Gets whether a write waits for the peer to read.</summary>
    public bool IsWriting => Volatile.Read(ref _writingSince) != 0;

    /// <summary>Returns how long the current write has been waiting for the peer.</summary>
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

    /// <summary>Starts sending, with the messages that waited for a socket. Called once.</summary>
    public void Start() => Send();

    /// <summary>Signals that there is something to send.</summary>
    public void Signal()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Idle when Interlocked.CompareExchange(ref _state, Sending, Idle) == Idle:
                    Send();
                    return;
                case Sending when Interlocked.CompareExchange(ref _state, Signalled, Sending) == Sending:
                    return;
                case Signalled:
                    return;
            }
        }
    }

    public void SendControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHeader.ServerLength(payload.Length) + payload.Length];
        payload.CopyTo(frame.AsSpan(FrameHeader.Write(frame, opcode, final: true, payload.Length)));
        lock (_gate)
        {
            _control ??= new Queue<byte[]>();
            if (_control.Count >= MaxControlFrames && opcode != Opcode.Close)
                return;
            _control.Enqueue(frame);
            _hasControl = true;
        }

        Signal();
    }

    /// <summary>From now on, nothing but control frames is sent.</summary>
    public void StopMessages() => _closing = true;

    /// <summary>Sends a close frame once the outbox is empty.</summary>
    public void CloseWhenDrained(int code, string reason)
    {
        lock (_gate)
        {
            _closeWhenDrained ??= (code, reason);
            _hasControl = true;
        }

        Signal();
    }

    /// <summary>Ends the sending after the control frames that are queued.</summary>
    public void Finish()
    {
        _finishing = true;
        Signal();
    }

    void IThreadPoolWorkItem.Execute() => Send();

    // Runs in the state Sending, which an end never leaves.
    private void Send()
    {
        try
        {
            for (var turns = MaxTurns; turns > 0;)
            {
                if (TryNext(out var bytes, out var chunk))
                {
                    if (!TryWrite(bytes, chunk))
                        return;
                    turns--;
                    continue;
                }

                if (_finishing && _ended.Task.IsCompleted)
                    return;
                if (Interlocked.CompareExchange(ref _state, Idle, Sending) == Sending)
                    return;
                // What was signalled meanwhile is seen from here on.
                Interlocked.Exchange(ref _state, Sending);
            }

            // The thread has something else to do, such as to read the socket.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        catch (Exception exception)
        {
            End(exception);
        }
    }

    private bool TryNext(out ReadOnlyMemory<byte> bytes, out OutboxChunk? chunk)
    {
        chunk = null;
        if (TryTakeControl(out bytes))
            return true;
        if (_closing)
        {
            if (_finishing)
                _ended.TrySetResult();
            return false;
        }

        if (outbox.TryTake(connection, out chunk))
        {
            bytes = chunk.Bytes;
            return true;
        }

        if (TakeClose() is not var (code, reason))
            return false;
        connection.SendClose(code, reason);
        return TryTakeControl(out bytes);
    }

    // False when it goes on by itself once the peer has read.
    private bool TryWrite(ReadOnlyMemory<byte> bytes, OutboxChunk? chunk)
    {
        var waits = false;
        try
        {
            var sent = _socket?.TrySend(bytes.Span) ?? 0;
            if (sent == bytes.Length)
                return true;
            var writing = transport.Stream.WriteAsync(bytes[sent..], connection.Lost);
            if (writing.IsCompletedSuccessfully)
            {
                // Gives back what the task may be made of.
                writing.GetAwaiter().GetResult();
                return true;
            }

            waits = true;
            _ = FinishAsync(writing, chunk);
            return false;
        }
        finally
        {
            if (!waits && chunk is not null)
                outbox.Release(chunk);
        }
    }

    private async Task FinishAsync(ValueTask writing, OutboxChunk? chunk)
    {
        Volatile.Write(ref _writingSince, 1);
        try
        {
            try
            {
                await writing;
            }
            finally
            {
                Volatile.Write(ref _writingSince, 0);
                if (chunk is not null)
                    outbox.Release(chunk);
            }
        }
        catch (Exception exception)
        {
            End(exception);
            return;
        }

        Send();
    }

    // Whatever a stream throws: it is not written any further. One that has ended is still read to its end.
    private void End(Exception exception)
    {
        connection.OnSendFailed(exception);
        // Last: with it the connection may be over.
        _ended.TrySetResult();
    }

    private bool TryTakeControl(out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        if (!_hasControl)
            return false;
        lock (_gate)
        {
            if (_control is null || !_control.TryDequeue(out var bytes))
                return false;
            frame = bytes;
            _hasControl = _control.Count > 0 || _closeWhenDrained is not null;
            return true;
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
            _hasControl = _control is { Count: > 0 };
            return close;
        }
    }
}
