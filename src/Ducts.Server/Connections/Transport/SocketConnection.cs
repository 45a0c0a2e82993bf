using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Ducts.Connections.Transport;

/// <summary>
/// A connection of Kestrel's over a socket. One loop reads the socket into a pipe and one writes what comes out of another,
/// until the connection ends or its socket is taken over.
/// </summary>
/// <remarks>
/// Threading: the receive loop alone reads the socket, the send loop alone writes it; <see cref="Abort"/> comes from any
/// thread. <see cref="_gate"/> decides between the ways in which the socket leaves: taken over, closed, reset.
/// </remarks>
internal sealed class SocketConnection : ConnectionContext, IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature,
    IConnectionLifetimeFeature, IConnectionEndPointFeature, IConnectionSocketFeature, IMemoryPoolFeature, ISocketHandover, IRequestCount
{
    // Ours, and what Kestrel and the application add, without the table growing.
    private const int FeatureCount = 16;

    // What a read has room for at least; the pool's blocks are larger.
    private const int MinReadSize = 2048;

    private readonly SocketConnections _connections;
    private readonly ConnectionPlace _place;
    private readonly TimeProvider _time;
    private readonly TransportLog _log;
    private readonly Pipe _input;
    private readonly Pipe _output;
    private readonly SocketPipes _pipes;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenSource _handover = new();
    private Task _receiving = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;
    private OwnedSocket? _taken;
    private bool _isSocketGone;
    private volatile bool _hasEnded;
    private volatile bool _handingOver;
    private volatile bool _hasServed;
    private volatile bool _isSending;
    private int _requests;
    private long _idleSince;
    private string? _connectionId;
    private IDictionary<object, object?>? _items;

    public SocketConnection(
        Socket socket,
        MemoryPool<byte> pool,
        PipeOptions input,
        PipeOptions output,
        SocketConnections connections,
        ConnectionPlace place,
        TimeProvider time,
        TransportLog log)
    {
        Socket = socket;
        MemoryPool = pool;
        _connections = connections;
        _place = place;
        _time = time;
        _log = log;
        _idleSince = time.GetTimestamp();
        _input = new Pipe(input);
        _output = new Pipe(output);
        _pipes = new SocketPipes(_input.Reader, _output.Writer);
        Transport = _pipes;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Features.Set<IConnectionIdFeature>(this);
        Features.Set<IConnectionTransportFeature>(this);
        Features.Set<IConnectionItemsFeature>(this);
        Features.Set<IConnectionLifetimeFeature>(this);
        Features.Set<IConnectionEndPointFeature>(this);
        Features.Set<IConnectionSocketFeature>(this);
        Features.Set<IMemoryPoolFeature>(this);
        Features.Set<ISocketHandover>(this);
        Features.Set<IRequestCount>(this);
    }

    public override string ConnectionId
    {
        get => _connectionId ??= ConnectionNames.Next();
        set => _connectionId = value;
    }

    public override IFeatureCollection Features { get; } = new FeatureCollection(FeatureCount);

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new Dictionary<object, object?>();
        set => _items = value;
    }

    public override IDuplexPipe Transport { get; set; }

    public Socket Socket { get; }

    public MemoryPool<byte> MemoryPool { get; }

    /// <summary>Gets whether a request of it has been answered.</summary>
    public bool HasServed => _hasServed;

    /// <summary>Returns for how long no request has been answered; null while one is, or its answer is sent, or the socket is no longer the transport's.</summary>
    public TimeSpan? IdleFor() =>
        Volatile.Read(ref _requests) > 0 || _isSending || _handingOver ? null : _time.GetElapsedTime(Volatile.Read(ref _idleSince));

    void IRequestCount.Began() => Interlocked.Increment(ref _requests);

    void IRequestCount.Ended()
    {
        _hasServed = true;
        Volatile.Write(ref _idleSince, _time.GetTimestamp());
        Interlocked.Decrement(ref _requests);
    }

    /// <summary>Closes the socket, if it is still the transport's; Kestrel ends the connection then.</summary>
    /// <param name="reset">Whether what the system has not sent yet is dropped.</param>
    public void Cut(bool reset)
    {
        Close(reset);
        _output.Reader.CancelPendingRead();
    }

    public void Start()
    {
        _receiving = ReceiveAsync();
        _sending = SendAsync();
    }

    public async ValueTask<OwnedSocket?> TakeAsync()
    {
        // What has taken the pipes' place would not see the bytes.
        if (!ReferenceEquals(Transport, _pipes))
            return null;
        _handingOver = true;
        // On this thread: the socket's read alone is registered, which goes on elsewhere.
#pragma warning disable CA1849
        _handover.Cancel();
#pragma warning restore CA1849
        _input.Writer.CancelPendingFlush();
        _output.Reader.CancelPendingRead();
        await Task.WhenAll(_receiving, _sending);
        if (_hasEnded)
        {
            Close(reset: false);
            await _output.Reader.CompleteAsync();
            return null;
        }

        byte[] unread = [];
        if (_pipes.Input.TryRead(out var rest))
        {
            unread = rest.Buffer.ToArray();
            _pipes.Input.AdvanceTo(rest.Buffer.End);
        }

        lock (_gate)
        {
            if (_isSocketGone)
                return null;
            _taken = new OwnedSocket(Socket, unread, _place);
            _isSocketGone = true;
            return _taken;
        }
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        Close(reset: true);
        _taken?.Abort();
        _output.Reader.CancelPendingRead();
    }

    public override async ValueTask DisposeAsync()
    {
        await _pipes.Input.CompleteAsync();
        await _pipes.Output.CompleteAsync();
        await _sending;
        Close(reset: false);
        await _receiving;
        _connections.Remove(this);
        _handover.Dispose();
        _closed.Dispose();
        await base.DisposeAsync();
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            while (true)
            {
                // Waiting needs no memory. It may end without there being bytes, so that the read may have to wait as well;
                // either can be given up without losing a byte.
                await Socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, _handover.Token);
                var count = await Socket.ReceiveAsync(_input.Writer.GetMemory(MinReadSize), SocketFlags.None, _handover.Token);
                if (count == 0)
                    break;
                _input.Writer.Advance(count);
                var flushed = await _input.Writer.FlushAsync();
                if (_handingOver)
                    return;
                if (flushed.IsCompleted || flushed.IsCanceled)
                    break;
            }
        }
        catch (OperationCanceledException) when (_handingOver)
        {
            return;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            error = new ConnectionResetException(exception.Message, exception);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            error = new ConnectionAbortedException(exception.Message, exception);
        }
        catch (Exception exception)
        {
            _log.Failed(exception, ConnectionId);
            error = exception;
        }

        if (error is not null)
            _log.Lost(ConnectionId, error.Message);
        _hasEnded = true;
        await _input.Writer.CompleteAsync(error);
        // On a thread of its own: what is registered there is anybody's code.
        await Task.Run(FireClosed);
    }

    private async Task SendAsync()
    {
        Exception? fault = null;
        try
        {
            while (true)
            {
                var result = await _output.Reader.ReadAsync();
                var buffer = result.Buffer;
                if (!buffer.IsEmpty)
                {
                    _isSending = true;
                    await SendAsync(buffer);
                    _isSending = false;
                }

                _output.Reader.AdvanceTo(buffer.End);
                if (_handingOver && result.IsCanceled)
                    return;
                if (result.IsCompleted || result.IsCanceled)
                    break;
            }

            Close(reset: false);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            _log.Lost(ConnectionId, exception.Message);
            Close(reset: true);
        }
        catch (Exception exception)
        {
            fault = exception;
            _log.Failed(exception, ConnectionId);
            Close(reset: true);
        }

        // Flushes end from now on with the news that nobody takes what is written.
        await _output.Reader.CompleteAsync(fault);
        _input.Writer.CancelPendingFlush();
    }

    private async ValueTask SendAsync(ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsSingleSegment)
        {
            await Socket.SendAsync(buffer.First, SocketFlags.None);
            return;
        }

        var segments = new List<ArraySegment<byte>>();
        foreach (var memory in buffer)
            segments.Add(MemoryMarshal.TryGetArray(memory, out var segment) ? segment : memory.ToArray());
        await Socket.SendAsync(segments, SocketFlags.None);
    }

    private void Close(bool reset)
    {
        lock (_gate)
        {
            if (_isSocketGone)
                return;
            _isSocketGone = true;
            if (reset)
                OwnedSocket.Reset(Socket);
            else
                OwnedSocket.Close(Socket);
            _place.Dispose();
        }
    }

    private void FireClosed()
    {
        try
        {
            _closed.Cancel();
        }
        catch (Exception exception)
        {
            _log.Failed(exception, ConnectionId);
        }
    }

    private sealed class SocketPipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
