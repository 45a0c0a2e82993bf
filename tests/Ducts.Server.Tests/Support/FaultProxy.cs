using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

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

    /// <summary>Hands nothing on from now on, while all sockets stay open.</summary>
    public void Stall() => _stall ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        foreach (var socket in _sockets.Keys)
            socket.Dispose();
        _stall?.TrySetResult();
        await _accepting;
        await Task.WhenAll(_pumps);
    }

    private static void Cut(Socket one, Socket other)
    {
        // Without lingering: what was under way is lost, as with a cable that is pulled.
        one.Close(0);
        other.Close(0);
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
            await Task.WhenAny(PumpAsync(client, server, plan, plan.CutAfterFromClient), PumpAsync(server, client, plan, plan.CutAfterFromServer));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut by the other direction.
        }

        Cut(client, server);
        _sockets.TryRemove(client, out _);
        _sockets.TryRemove(server, out _);
    }

    private async Task PumpAsync(Socket from, Socket to, FaultPlan plan, long cutAfter)
    {
        var buffer = new byte[16 * 1024];
        var pieces = 0;
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                for (var done = 0; done < count;)
                {
                    if (_stall is { } stall)
                        await stall.Task;
                    if (cutAfter <= 0)
                        return;
                    var piece = (int)Math.Min(Math.Min(plan.LargestPiece, count - done), cutAfter);
                    await to.SendAsync(buffer.AsMemory(done, piece));
                    done += piece;
                    cutAfter -= piece;
                    if (plan.DelayEvery > 0 && ++pieces % plan.DelayEvery == 0)
                        await Task.Delay(1);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut, by us or by one of the two.
        }
    }
}
