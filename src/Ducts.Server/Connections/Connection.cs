using System.Runtime.CompilerServices;
using Ducts.Connections.Transport;
using Ducts.Protocol;

namespace Ducts.Connections;

/// <summary>One WebSocket: a receive loop, a sender, and the ways in which it ends.</summary>
/// <remarks>
/// Threading: <see cref="RunAsync"/> is called once. The receive loop alone reads the stream, the sender alone writes
/// it. The other members may be called from any thread.
/// </remarks>
internal sealed partial class Connection : IDisposable
{
    private readonly WebSocketTransport _transport;
    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly DuctsWebSocketOptions _options;
    private readonly DispatchWatch _watch;
    private readonly ConnectionLog _log;
    private readonly CancellationTokenSource _lost = new();
    private readonly TaskCompletionSource _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private bool _ended;
    private volatile bool _reading;
    private volatile bool _readToEnd;
    private volatile TaskCompletionSource? _pause;
    private readonly TimerWheel _wheel;
    private readonly PeerWatch _peer;
    private long _lastRead;

    public Connection(
        IConnectionOwner owner,
        WebSocketTransport transport,
        DuctsWebSocketOptions options,
        DispatchWatch watch,
        TimerWheel wheel,
        TimeProvider time,
        ConnectionLog log)
    {
        Owner = owner;
        _transport = transport;
        _stream = transport.Stream;
        _options = options;
        _watch = watch;
        _wheel = wheel;
        _time = time;
        _log = log;
        _lastRead = time.GetTimestamp();
        // Taken once, for the source is gone when the last to ask may come.
        Lost = _lost.Token;
        Sender = new Sender(this, owner.Outbox, transport);
        if (owner.Outbox.ConfirmsByPong && CarriesPings)
            Receipts = new ReceiptPings(this, owner.Outbox, wheel);
        _peer = new PeerWatch(this, transport.Socket, options, wheel, time, log);
    }

    public IConnectionOwner Owner { get; }

    public Sender Sender { get; }

    /// <summary>Gets what asks the peer what it has received; null where it says so by itself, or does not.</summary>
    public ReceiptPings? Receipts { get; }

    /// <summary>Gets whether its peer says what it has received.</summary>
    public bool ConfirmsReceipt => Receipts is not null || !Owner.Outbox.ConfirmsByPong;

    /// <summary>Gets how many bytes the peer's system has taken so far; 0 where this system does not tell.</summary>
    public long Acknowledged => _transport.Socket?.Acknowledged ?? 0;

    /// <summary>Cancelled when the socket is cut.</summary>
    public CancellationToken Lost { get; }

    /// <summary>
    /// Gets whether the peer has sent all that it will: the rest lies in the system's buffer, which bounds it, and is read
    /// whatever the owner keeps already.
    /// </summary>
    public bool IsReadToEnd => _readToEnd;

    /// <summary>Gets the timestamp of the last read that brought something, to a tick of the wheel.</summary>
    public long LastRead => Volatile.Read(ref _lastRead);

    /// <summary>Gets whether it is being read.</summary>
    public bool IsReading => _reading;

    /// <summary>Gets whether pings reach the peer, so that a missing answer means that it is lost.</summary>
    public bool CarriesPings => _transport.CarriesPings;

    /// <summary>Gets whether nobody is handling what the peer has sent: who does has seen that it was there a moment ago.</summary>
    public bool IsWaitingToRead => _reading || _pause is not null;

    /// <summary>Ends with the socket.</summary>
    public Task Ended => _finished.Task;

    /// <summary>Runs the socket to its end.</summary>
    /// <param name="ready">What has to end before the first message is read.</param>
    /// <param name="began">What has read the connection so far; null for nobody.</param>
    public async Task RunAsync(Task ready, MessageReader? began = null)
    {
        Sender.Start();
        _peer.Start();
        // Until then it is not read, nor are receipts.
        Owner.Outbox.BeginUnread(isBounded: false);
        await ready;
        Owner.Outbox.EndUnread();
        var reader = began?.Split(_options.MaxMessageSize) ?? new MessageReader(_options.MaxMessageSize);
        began?.Release();
        if (_transport.Socket is { } owned && began is null)
            reader.Begin(owned.TakeUnread().Span);
        Continue(reader);
        await _received.Task;

        _peer.Stop();
        Receipts?.Stop();
        if (_successor is (var code, var reason))
            SendClose(code, reason);
        Sender.StopMessages();
        Sender.Finish();
        // What is left to send is at most a close frame; a peer that does not take it is cut.
        if (await Task.WhenAny(Sender.Ended, Task.Delay(CloseTimeout, _time, Lost)) != Sender.Ended)
            Abort();
        await Sender.Ended;
        if (_failed && _transport.Socket is { } socket)
            await LingerAsync(socket);
        else if (_successor is not null && _transport.Socket is { } replaced)
            await replaced.LingerUnreadAsync(_time, Lost);
        lock (_gate)
        {
            _ended = true;
            _closeTimer?.Dispose();
            if (_transport.Socket is { } ended)
            {
                if (Receipts is not null && ended.FindUnsent() is > 0 and var unsent)
                    Owner.Outbox.ReturnUnsent(this, Sender.Position - unsent);
                ended.Dispose();
            }
        }

        _finished.TrySetResult();
    }

    /// <summary>Starts a receive loop, the first one or one that takes over.</summary>
    public void Continue(MessageReader reader)
    {
        var loop = new ReceiveLoop(this, _watch, reader);
        // Not awaited here: _received ends when the last of the loops does, and keeps what they throw.
        _ = Task.Run(() => ReceiveAsync(loop));
    }

    /// <summary>
    /// Reads from the socket; 0 when it has ended. Whoever reads the end lets go of the outbox before anything else, for
    /// what is given to a socket that nobody reads is lost.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        _reading = true;
        int count;
        try
        {
            count = await _stream.ReadAsync(buffer, CancellationToken.None);
        }
        catch
        {
            Owner.Outbox.Detach(this);
            throw;
        }

        if (buffer.IsEmpty)
        {
            // Something can be read: bytes or the end. Until that is known, it is still waited for.
            Volatile.Write(ref _lastRead, _wheel.Now);
            return count;
        }

        if (count > 0)
            Volatile.Write(ref _lastRead, _wheel.Now);
        else
            Owner.Outbox.Detach(this);
        // Last, for who gives something to the socket looks for its end until then.
        _reading = false;
        return count;
    }

    /// <summary>Waits for capacity, or for the end of the peer.</summary>
    public async ValueTask PauseAsync(ValueTask capacity)
    {
        var waiting = capacity.AsTask();
        var pause = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pause = pause;
        // ReadToEnd writes and reads the two in the other order.
        Interlocked.MemoryBarrier();
        _peer.OnPause();
        if (!_readToEnd)
        {
            // What a client of version 2 is sent is never dropped; it is read but for want of memory.
            if (Receipts is not null)
                Owner.Outbox.BeginUnread(isBounded: true);
            try
            {
                await await Task.WhenAny(waiting, pause.Task);
            }
            finally
            {
                Owner.Outbox.EndUnread();
            }
        }

        _pause = null;
    }

    /// <summary>Handles a control frame.</summary>
    /// <returns>False when the peer has closed.</returns>
    public bool OnControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (opcode == Opcode.Pong)
        {
            Receipts?.OnPong(payload);
            return true;
        }

        if (opcode == Opcode.Ping)
        {
            if (!IsClosing)
                Sender.SendControl(Opcode.Pong, payload);
            return true;
        }

        if (payload.Length == 1 || (payload.Length >= 2 && !IsValidClose(payload)))
        {
            Fail(FrameStatus.ProtocolError);
            return false;
        }

        if (!IsClosing)
        {
            // Always 1000: the JavaScript client's close() resolves on no other code.
            SendClose(CloseCode.Normal, "");
        }

        return false;
    }

    /// <summary>The peer sends nothing more: what it has sent is read to its end. Called by one thread.</summary>
    public void ReadToEnd()
    {
        _readToEnd = true;
        Interlocked.MemoryBarrier();
        _pause?.TrySetResult();
    }

    public void Dispose() => _lost.Dispose();

    private async Task ReceiveAsync(ReceiveLoop loop)
    {
        try
        {
            if (!await loop.RunAsync())
                return;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            _log.Lost(Owner.Name, exception.Message);
        }
        catch (Exception exception)
        {
            // Nothing else is expected here; the owner survives it and the log tells.
            _log.ReceiveFailed(exception, Owner.Name);
        }

        // Also where the loop ended for another reason.
        Owner.Outbox.Detach(this);
        _received.TrySetResult();
    }
}
