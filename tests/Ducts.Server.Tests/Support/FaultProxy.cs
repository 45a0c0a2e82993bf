using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ducts.Tests.Support;

/// <summary>A TCP proxy that cuts, stalls, splits and delays, as each connection's plan says.</summary>
/// <remarks>Threading: two pumps a connection; plans are taken in the order in which connections come.</remarks>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<Socket, byte> _sockets = new();
    private readonly ConcurrentBag<Task> _pumps = [];
    private readonly int _target;
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _stall;
    private TaskCompletionSource _later = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FaultProxy(int targetPort, FaultPlan plan)
    {
        _target = targetPort;
        Plan = plan;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>For connections that come from now on.</summary>
    public FaultPlan Plan { get; set; }

    /// <summary>Chooses the plan by a connection's first bytes; null for <see cref="Plan"/>.</summary>
    public Func<string, FaultPlan>? Choose { get; init; }

    /// <summary>What is replaced in what the server sends, where it comes in one piece; both have the same length.</summary>
    public (byte[] Old, byte[] New)? Replace { get; init; }

    /// <summary>Hands nothing on from now on, while all sockets stay open.</summary>
    public void Stall() => _stall ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Cuts all connections that there are.</summary>
    public void CutAll()
    {
        foreach (var socket in _sockets.Keys)
            socket.Close(0);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        foreach (var socket in _sockets.Keys)
            socket.Dispose();
        _stall?.TrySetResult();
        _later.TrySetResult();
        await _accepting;
        await Task.WhenAll(_pumps);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync();
                client.NoDelay = true;
                _sockets.TryAdd(client, 0);
                _pumps.Add(ServeAsync(client, Plan));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The end of the proxy.
        }
    }

    private async Task ServeAsync(Socket client, FaultPlan plan)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.TryAdd(server, 0);
        try
        {
            await server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _target));
            byte[] begin = [];
            if (Choose is { } choose)
            {
                begin = new byte[16 * 1024];
                begin = begin[..await client.ReceiveAsync(begin)];
                plan = choose(Encoding.ASCII.GetString(begin));
            }

            var later = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _later, later).TrySetResult();
            await new FaultConnection(client, server, plan, later.Task, Replace, () => _stall?.Task ?? Task.CompletedTask).RunAsync(begin);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut by the other direction.
        }

        client.Close(0);
        server.Close(0);
        _sockets.TryRemove(client, out _);
        _sockets.TryRemove(server, out _);
    }
}
