using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Ducts.Load;

/// <summary>Connections that are silent, that send half a handshake, or whose message does not go on; calls meanwhile.</summary>
internal static class HalfOpen
{
    private const double KiB = 1024;

    // A masked frame that announces 4 MiB, of which 100 bytes come.
    private static readonly byte[] UnfinishedMessage = [0x82, 0xff, 0, 0, 0, 0, 0, 0x40, 0, 0, 1, 2, 3, 4, .. new byte[100]];
    private static readonly Scenario Calls = new("calls", ScenarioKind.Echo, 1, 1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task MeasureAsync(ServerKind kind, WorkFolder folder, Scenario scenario)
    {
        await using var server = await ServerProcess.StartAsync(kind, folder);
        var dialect = Dialect.For(kind, Calls);
        await Sessions.CallAsync(server);
        var alone = await Sessions.CallAsync(server);
        var before = server.Usage.ResidentKiB;
        var started = Stopwatch.GetTimestamp();
        var ends = new Task<double>[scenario.Connections];
        for (var i = 0; i < ends.Length; i++)
            ends[i] = await OpenAsync(server.Port, dialect, i % 3);

        var opened = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var calls = await Sessions.CallAsync(server);
        var during = server.Usage.ResidentKiB;
        var lasting = new double[3];
        using var patience = new CancellationTokenSource(Patience);
        for (var i = 0; i < ends.Length; i++)
            lasting[i % 3] = Math.Max(lasting[i % 3], await ends[i].WaitAsync(patience.Token));
        var afterwards = await Sessions.CallAsync(server);
        Report.PrintHalfOpen(kind, scenario, (before / KiB, during / KiB, server.Usage.ResidentKiB / KiB), (alone, calls, afterwards), opened, lasting);
    }

    // Gives the seconds after which the server has ended it.
    private static async Task<Task<double>> OpenAsync(int port, Dialect dialect, int kind)
    {
        if (kind == 2)
        {
            var message = await LoadConnection.OpenAsync(port, dialect, bufferSize: 128);
            await message.SendAsync(UnfinishedMessage);
            return WatchAsync(message, async () => await message.ReceiveSilentlyAsync());
        }

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        if (kind == 1)
            await socket.SendAsync("GET /ducts/ws/v1/x HTTP/1.1\r\nHo"u8.ToArray());
        var buffer = new byte[128];
        return WatchAsync(socket, async () => await socket.ReceiveAsync(buffer));
    }

    private static async Task<double> WatchAsync(IDisposable connection, Func<Task<int>> receive)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            while (await receive() > 0)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // Cut: an end, too.
        }

        connection.Dispose();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
