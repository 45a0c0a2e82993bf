using System.Net;
using System.Net.Sockets;

namespace Ducts.Redis.Tests;

/// <summary>Stands between client and server and cuts connections where a test wants it.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private volatile string _target;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];
    private readonly List<Socket> _sockets = [];
    private long _budget = long.MaxValue;
    private volatile bool _refuses;

    public CuttingProxy(RedisServer server)
    {
        _target = server.Socket;
        _listener.Start();
        _running.Add(AcceptAsync());
    }

    public string Uri => $"redis://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public int Cuts { get; private set; }

    /// <summary>Cuts the next connection that has carried so many more bytes from the server.</summary>
    public void CutAfter(long bytesFromServer) => Interlocked.Exchange(ref _budget, bytesFromServer);

    /// <summary>Closes every connection at once.</summary>
    public void CutAll()
    {
        lock (_sockets)
        {
            _sockets.ForEach(static socket => socket.Dispose());
            _sockets.Clear();
        }
    }

    /// <summary>Closes every connection, and new ones as they come.</summary>
    public void Refuse()
    {
        _refuses = true;
        CutAll();
    }

    public void Accept() => _refuses = false;

    /// <summary>Leads new connections to another server; those that stand go on.</summary>
    public void LeadTo(RedisServer server) => _target = server.Socket;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        CutAll();
        Task[] running;
        lock (_sockets)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(_stopping.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                return;
            }

            var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                if (_refuses)
                {
                    throw new SocketException((int)SocketError.ConnectionRefused);
                }

                await server.ConnectAsync(new UnixDomainSocketEndPoint(_target));
            }
            catch (SocketException)
            {
                client.Dispose();
                server.Dispose();
                continue;
            }

            lock (_sockets)
            {
                _sockets.Add(client);
                _sockets.Add(server);
                _running.Add(PumpAsync(client, server, counts: false));
                _running.Add(PumpAsync(server, client, counts: true));
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool counts)
    {
        await Task.Yield();
        var buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                if (counts && Interlocked.Read(ref _budget) != long.MaxValue)
                {
                    var left = Interlocked.Add(ref _budget, -count);
                    if (left <= 0)
                    {
                        Interlocked.Exchange(ref _budget, long.MaxValue);
                        await to.SendAsync(buffer.AsMemory(0, (int)(count + left)));
                        Cuts++;
                        break;
                    }
                }

                await to.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut.
        }

        from.Dispose();
        to.Dispose();
    }
}
