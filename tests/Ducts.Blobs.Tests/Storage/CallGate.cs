using System.Net;
using System.Net.Sockets;
using Ducts.Redis.Tests;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>
/// Stands between a client and Redis, and lets so many calls through, whole: the next one, and all that comes later on any connection, is
/// lost, as if the process had been killed before it.
/// </summary>
internal sealed class CallGate : IAsyncDisposable
{
    // What the library sends by itself is no call of a store.
    private static readonly string[] Counted = ["EVAL", "EVALSHA", "XREVRANGE", "XRANGE", "GETRANGE", "STRLEN", "EXISTS", "MULTI", "EXPIRE", "APPEND", "SETRANGE", "EXEC", "ZRANGE", "HGETALL", "HGET", "UNLINK"];

    private readonly RedisServer _redis;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _pumps = [];
    private readonly Task _accepting;
    private int _left;
    private volatile bool _counts;

    public CallGate(RedisServer redis, int calls)
    {
        _redis = redis;
        _left = calls;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Uri => $"redis://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Gets what completes when a call was lost.</summary>
    public Task Closed => _closed.Task;

    public void Begin() => _counts = true;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        lock (_sockets)
        {
            _sockets.ForEach(static socket => socket.Dispose());
        }

        await _accepting;
        await Task.WhenAll(_pumps);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await server.ConnectAsync(new UnixDomainSocketEndPoint(_redis.Socket));
                lock (_sockets)
                {
                    _sockets.AddRange([client, server]);
                    _pumps.Add(ForwardAsync(client, server));
                    _pumps.Add(ReturnAsync(server, client));
                }
            }
        }
        catch (SocketException)
        {
            // Stopped.
        }
        catch (ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ForwardAsync(Socket from, Socket to)
    {
        await using var input = new BufferedStream(new NetworkStream(from));
        try
        {
            while (await ReadCallAsync(input) is { } call)
            {
                var name = System.Text.Encoding.ASCII.GetString(call.Name).ToUpperInvariant();
                if (_counts && Counted.Contains(name) && Interlocked.Decrement(ref _left) < 0)
                {
                    _closed.TrySetResult();
                }

                if (!_closed.Task.IsCompleted)
                {
                    await to.SendAsync(call.Bytes);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // Ended.
        }
    }

    private static async Task ReturnAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                await to.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Ended.
        }
    }

    /// <summary>Reads a command: an array of bulk strings.</summary>
    private static async Task<(byte[] Name, byte[] Bytes)?> ReadCallAsync(Stream input)
    {
        var bytes = new MemoryStream();
        byte[] name = [];
        var items = await ReadHeadAsync(input, bytes);
        for (var i = 0; i < items; i++)
        {
            var item = new byte[await ReadHeadAsync(input, bytes) + 2];
            await input.ReadExactlyAsync(item);
            bytes.Write(item);
            name = i == 0 ? item[..^2] : name;
        }

        return items < 0 ? null : (name, bytes.ToArray());
    }

    private static async Task<int> ReadHeadAsync(Stream input, MemoryStream bytes)
    {
        var number = 0;
        var one = new byte[1];
        while (await input.ReadAsync(one) == 1)
        {
            bytes.Write(one);
            if (one[0] == '\n')
            {
                return number;
            }

            number = one[0] is >= (byte)'0' and <= (byte)'9' ? (number * 10) + one[0] - '0' : number;
        }

        return -1;
    }
}
