using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Ducts.Connections.Transport;

/// <summary>Accepts connections on one address.</summary>
internal sealed class SocketListener : IConnectionListener
{
    private readonly Socket _socket;
    private readonly SocketTransportOptions _options;
    // At first, and at most: what fails at once would fail again, and would keep a core busy.
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    private readonly MemoryPool<byte> _pool;
    private readonly SocketConnections _connections;
    private readonly ServerStop _stop;
    private readonly TimeProvider _time;
    private readonly TransportLog _log;
    private readonly PipeOptions _input;
    private readonly PipeOptions _output;
    private readonly CancellationTokenSource _unbound = new();
    private readonly CancellationTokenSource _disposed = new();
    private TimeSpan _pause;
    private Task _cutting = Task.CompletedTask;

    public SocketListener(
        Socket socket,
        EndPoint endpoint,
        SocketTransportOptions options,
        MemoryPool<byte> pool,
        SocketConnections connections,
        ServerStop stop,
        TimeProvider time,
        TransportLog log)
    {
        _socket = socket;
        _options = options;
        _pool = pool;
        _connections = connections;
        _stop = stop;
        _time = time;
        _log = log;
        // A port of 0 has become a real one.
        EndPoint = socket.LocalEndPoint ?? endpoint;
        // Requests are read on another thread, for their handlers may keep it; what is written leaves on the writer's,
        // for a socket takes it without waiting or says that it does not.
        _input = Options(options.MaxReadBufferSize, reader: PipeScheduler.ThreadPool, writer: PipeScheduler.ThreadPool);
        _output = Options(options.MaxWriteBufferSize, reader: PipeScheduler.Inline, writer: PipeScheduler.ThreadPool);
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var socket = await _socket.AcceptAsync(cancellationToken);
                _pause = TimeSpan.Zero;
                if (TryStart(socket) is { } connection)
                    return connection;
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                // Unbound.
                return null;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                if (_pause == TimeSpan.Zero)
                    _log.AcceptStarved(exception.Message);
                await PauseAsync(cancellationToken);
            }
            catch (SocketException exception)
            {
                // A peer that went away while it was accepted; the next one is waited for.
                _log.AcceptFailed(exception.Message);
                if (exception.SocketErrorCode is not (SocketError.ConnectionAborted or SocketError.ConnectionReset))
                    await PauseAsync(cancellationToken);
            }
        }
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        await _unbound.CancelAsync();
        // Without a stop, the address alone is given up, and its connections may end as they like.
        if (_stop.Begun.IsCancellationRequested)
            _cutting = _connections.CutAsync(_disposed.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _unbound.CancelAsync();
        await _disposed.CancelAsync();
        await _cutting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _unbound.Dispose();
        _disposed.Dispose();
        _pool.Dispose();
    }

    private SocketConnection? TryStart(Socket socket)
    {
        if (_connections.TryTakePlace() is not { } place)
        {
            OwnedSocket.Close(socket);
            return null;
        }

        try
        {
            // On Linux it inherits that of the listening socket.
            if (!OperatingSystem.IsLinux() && socket.LocalEndPoint is IPEndPoint)
                socket.NoDelay = _options.NoDelay;
            var connection = new SocketConnection(socket, _pool, _input, _output, _connections, place, _time, _log);
            _connections.Add(connection);
            connection.Start();
            return connection;
        }
        catch (SocketException exception)
        {
            // Its peer has gone already.
            _log.AcceptFailed(exception.Message);
            socket.Dispose();
            place.Dispose();
            return null;
        }
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        _pause = _pause == TimeSpan.Zero ? MinPause : _pause * 2 < MaxPause ? _pause * 2 : MaxPause;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(_unbound.Token, cancellationToken);
        await Task.Delay(_pause, _time, ends.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private PipeOptions Options(long? limit, PipeScheduler reader, PipeScheduler writer)
    {
        // A pipe's word for no limit is 0.
        var pause = limit ?? 0;
        return new PipeOptions(_pool, reader, writer, pause, pause / 2, useSynchronizationContext: false);
    }
}
