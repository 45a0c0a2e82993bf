using System.Net;
using System.Net.Sockets;
using Ducts.Redis.Tests;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>
/// Stands between clients and the servers of Redis, a door for each. It lets so many calls through, whole: the next one, and all that comes
/// later on any connection, is lost, as if the process had been killed before it.
/// </summary>
internal sealed class CallGate : IAsyncDisposable
{
    // What the library sends by itself is no call of a store.
    private static readonly string[] Counted = ["EVAL", "EVALSHA", "XREVRANGE", "XRANGE", "GETRANGE", "STRLEN", "EXISTS", "MULTI", "EXPIRE", "APPEND", "SETRANGE", "EXEC", "ZRANGE", "HGETALL", "HGET", "UNLINK"];

    private readonly TcpListener[] _doors;
    private readonly List<Task> _accepting = [];
    private readonly Lock _lock = new();
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _pumps = [];
    private int _left;
    private volatile TaskCompletionSource? _closed;

    public CallGate(int doors)
    {
        _doors = [.. Enumerable.Range(0, doors).Select(static _ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(_doors, static door => door.Start());
    }

    /// <summary>Gets the port of each door.</summary>
    public IReadOnlyList<int> Ports => [.. _doors.Select(static door => ((IPEndPoint)door.LocalEndpoint).Port)];

    /// <summary>Leads each door to a server.</summary>
    public void LeadTo(IReadOnlyList<RedisServer> servers) => _accepting.AddRange(_doors.Zip(servers, AcceptAsync));

    /// <summary>Lets so many more calls through.</summary>
    /// <returns>What completes when the next one was lost.</returns>
    public Task Begin(int calls)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _left = calls;
        _closed = closed;
        return closed.Task;
    }

    /// <summary>Ends all connections, and lets through what new ones bring.</summary>
    public async Task EndAsync()
    {
        Task[] pumps;
        lock (_lock)
        {
            _sockets.ForEach(static socket => socket.Dispose());
            _sockets.Clear();
            pumps = [.. _pumps];
            _pumps.Clear();
        }

        await Task.WhenAll(pumps);
        _closed = null;
    }

    public async ValueTask DisposeAsync()
    {
        Array.ForEach(_doors, static door => door.Stop());
        await Task.WhenAll(_accepting);
        await EndAsync();
    }

    private async Task AcceptAsync(TcpListener door, RedisServer redis)
    {
        try
        {
            while (true)
            {
                var client = await door.AcceptSocketAsync();
                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await server.ConnectAsync(new UnixDomainSocketEndPoint(redis.Socket));
                lock (_lock)
                {
                    _sockets.AddRange([client, server]);
                    _pumps.AddRange([ForwardAsync(client, server), ReturnAsync(server, client)]);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
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
                if (LetsThrough(System.Text.Encoding.ASCII.GetString(call.Name).ToUpperInvariant()))
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

    private bool LetsThrough(string name)
    {
        if (_closed is not { } closed)
        {
            return true;
        }

        if (Counted.Contains(name) && Interlocked.Decrement(ref _left) < 0)
        {
            closed.TrySetResult();
        }

        return !closed.Task.IsCompleted;
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
