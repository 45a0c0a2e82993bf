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
    private readonly MemoryPool<byte> _pool;
    private readonly TransportLog _log;
    private readonly PipeOptions _input;
    private readonly PipeOptions _output;

    public SocketListener(Socket socket, EndPoint endpoint, SocketTransportOptions options, MemoryPool<byte> pool, TransportLog log)
    {
        _socket = socket;
        _options = options;
        _pool = pool;
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
                if (socket.LocalEndPoint is IPEndPoint)
                    socket.NoDelay = _options.NoDelay;
                var connection = new SocketConnection(socket, _pool, _input, _output, _log);
                connection.Start();
                return connection;
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                // Unbound.
                return null;
            }
            catch (SocketException exception)
            {
                // A peer that went away while it was accepted; the next one is waited for.
                _log.AcceptFailed(exception.Message);
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _pool.Dispose();
        return default;
    }

    private PipeOptions Options(long? limit, PipeScheduler reader, PipeScheduler writer)
    {
        // A pipe's word for no limit is 0.
        var pause = limit ?? 0;
        return new PipeOptions(_pool, reader, writer, pause, pause / 2, useSynchronizationContext: false);
    }
}
