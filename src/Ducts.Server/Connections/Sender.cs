using Ducts.Connections.Transport;
using Ducts.Protocol;

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
#pragma warning disable CA1001 // The source that interrupts a write has no timer to give back.
internal sealed class Sender(Connection connection, Outbox outbox, WebSocketTransport transport) : IThreadPoolWorkItem
#pragma warning restore CA1001
{
    private const int Idle = 0;
    private const int Sending = 1;
    private const int Signalled = 2;

    // Writes of a thread that signals, while others go on appending; of 32 KiB each where messages are small.
    private const int MaxTurns = 16;

    // What a stream is given at once, in whole frames: it tells of its progress between them.
    private const int SliceSize = 64 * 1024;

    // Of its own, as each message needs it.
    private readonly OwnedSocket? _socket = transport.Socket;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private CancellationTokenSource? _interrupt;
    private readonly ControlFrames _control = new();
    private volatile bool _closing;
    private volatile bool _finishing;

    // Nobody sends before the start.
    private int _state = Sending;
    private long _position;
    private long _writingSince;
    private long _acknowledged;

    /// <summary>Gets a task that completes after <see cref="Finish"/>, or when the socket is closed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Gets whether only control frames may still be sent.</summary>
    public bool IsClosing => _closing;

    /// <summary>Gets how many bytes the socket has been given.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <summary>Gets whether a write waits for the peer to read.</summary>
    public bool IsWriting => Volatile.Read(ref _writingSince) != 0;

    /// <summary>Returns how long a write has been waiting since the peer last took something. Called by one thread.</summary>
    public TimeSpan GetStall(long now, TimeProvider time)
    {
        var since = Volatile.Read(ref _writingSince);
        if (since == 0)
            return TimeSpan.Zero;
        var acknowledged = _socket?.Acknowledged ?? 0;
        // The first look at a wait starts its clock: no timestamp is taken on the hot path.
        if (since != 1 && acknowledged == _acknowledged)
            return time.GetElapsedTime(since, now);
        _acknowledged = acknowledged;
        Interlocked.CompareExchange(ref _writingSince, now, since);
        return TimeSpan.Zero;
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

    /// <summary>Sends a message before all that waits.</summary>
    public void SendFirst(WireEncoding encoding, ReadOnlySpan<byte> message) => SendControl(Outbox.OpcodeOf(encoding), message);

    /// <summary>Sends a control frame.</summary>
    public void SendControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (TryQueueControl(opcode, payload))
            Signal();
    }

    /// <summary>Queues a control frame, which leaves with the next that is sent. The caller signals, or is what sends.</summary>
    /// <returns>False when too many wait, or, for a close frame, when there has been one.</returns>
    public bool TryQueueControl(Opcode opcode, ReadOnlySpan<byte> payload) => _control.TryAdd(opcode, payload);

    /// <summary>
    /// Has a message go along with the next that is sent, in the place of the one before where that has not left yet. The caller
    /// signals.
    /// </summary>
    public void SetLatest(WireEncoding encoding, ReadOnlySpan<byte> message) => _control.SetLatest(encoding, message);

    /// <summary>
    /// From now on, nothing but control frames is sent. Messages that wait for the peer to read go back to the outbox, but
    /// for one that has left in part. Called without any lock held.
    /// </summary>
    public void StopMessages()
    {
        _closing = true;
        CancellationTokenSource? interrupt;
        lock (_gate)
            interrupt = _interrupt;
        interrupt?.Cancel();
    }

    /// <summary>Sends a close frame once the outbox is empty.</summary>
    public void CloseWhenDrained(int code, string reason)
    {
        _control.SetClose(code, reason);
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
        if (_control.TryTake(out bytes))
            return true;
        if (_closing)
        {
            if (_finishing)
                _ended.TrySetResult();
            return false;
        }

        // Its end may have come, and whoever reads it not been told yet: what is written then is lost. The reader lets go of the outbox.
        if (_socket is not null && outbox.HasMessages && connection.IsWaitingToRead && _socket.HasPeerEnded)
            return false;
        // Looked at before: what was queued before the close was asked for is found below.
        var drains = _control.HasAny;
        if (outbox.TryTake(connection, out chunk))
        {
            chunk.Position = _position;
            _control.TakeLatestAlong(chunk);
            connection.Receipts?.OnTaken(chunk, outbox.Taken);
            bytes = chunk.BytesToSend;
            return true;
        }

        // Nothing goes out that it could go along with.
        if (_control.TryTakeLatest(out bytes))
            return true;

        if (!drains || _control.TakeClose() is not var (code, reason))
            return false;
        connection.SendClose(code, reason);
        return _control.TryTake(out bytes);
    }

    // False when it goes on by itself once the peer has read.
    private bool TryWrite(ReadOnlyMemory<byte> bytes, OutboxChunk? chunk)
    {
        var sent = 0;
        try
        {
            var writing = ValueTask.CompletedTask;
            if (_socket is not null)
                sent = _socket.TrySend(bytes.Span);
            else
                sent = Write(bytes, sent, out writing);
            _position += sent;
            if (sent < bytes.Length || !writing.IsCompletedSuccessfully)
            {
                _ = FinishAsync(writing, bytes, sent, chunk);
                return false;
            }

            // Gives back what the task may be made of.
            writing.GetAwaiter().GetResult();
        }
        catch
        {
            if (chunk is not null)
                outbox.Release(chunk, sent);
            throw;
        }

        if (chunk is not null)
            outbox.Release(chunk);
        return true;
    }

    private async Task FinishAsync(ValueTask writing, ReadOnlyMemory<byte> bytes, int sent, OutboxChunk? chunk)
    {
        try
        {
            Volatile.Write(ref _writingSince, 1);
            await writing;
            while (sent < bytes.Length)
            {
                if (chunk is not null && _closing)
                {
                    // The rest of a message that has left in part, so that frames stay whole; in a copy, as another socket may take the chunk.
                    var end = chunk.MessageEnd(sent);
                    bytes = bytes[sent..end].ToArray();
                    outbox.Release(chunk, end);
                    (sent, chunk) = (0, null);
                    continue;
                }

                Volatile.Write(ref _writingSince, 1);
                var before = sent;
                if (_socket is null)
                {
                    sent = Write(bytes, sent, out writing);
                    await writing;
                }
                else if (await TrySendByteAsync(bytes[sent..], chunk))
                {
                    sent++;
                    sent += _socket.TrySend(bytes.Span[sent..]);
                }

                _position += sent - before;
            }
        }
        catch (Exception exception)
        {
            Volatile.Write(ref _writingSince, 0);
            if (chunk is not null)
                outbox.Release(chunk, sent);
            End(exception);
            return;
        }

        Volatile.Write(ref _writingSince, 0);
        if (chunk is not null)
            outbox.Release(chunk);
        Send();
    }

    // What a stream has been given may have left, whether it says so or fails.
    private int Write(ReadOnlyMemory<byte> bytes, int sent, out ValueTask writing)
    {
        var length = 0;
        var rest = bytes.Span[sent..];
        do
        {
            var frame = FrameHeader.ReadServer(rest[length..]);
            length += frame.Head + frame.Length;
        }
        while (length < rest.Length && length < SliceSize);
        writing = transport.Stream.WriteAsync(bytes.Slice(sent, length), connection.Lost);
        return sent + length;
    }

    // False when it was interrupted.
    private async ValueTask<bool> TrySendByteAsync(ReadOnlyMemory<byte> bytes, OutboxChunk? chunk)
    {
        if (chunk is null)
        {
            await _socket!.SendByteAsync(bytes, connection.Lost);
            return true;
        }

        CancellationToken interrupted;
        lock (_gate)
        {
            _interrupt ??= new CancellationTokenSource();
            interrupted = _interrupt.Token;
        }

        try
        {
            // Whoever stopped the messages before the source was there could not cancel it.
            if (!_closing)
            {
                await _socket!.SendByteAsync(bytes, interrupted);
                return true;
            }
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            // What has not left goes back.
        }

        return false;
    }

    // Whatever a stream throws: it is not written any further. One that has ended is still read to its end.
    private void End(Exception exception)
    {
        connection.OnSendFailed(exception);
        // Last: with it the connection may be over.
        _ended.TrySetResult();
    }
}
