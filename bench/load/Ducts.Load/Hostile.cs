using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Ducts.Load;

/// <summary>
/// Hostile clients of all kinds together, under a small <c>memory_limit</c>: large replies and streams that nobody reads, large
/// requests to handlers that do not end, parts of messages, request ids of megabytes, a million messages, half-open connections.
/// Others call meanwhile.
/// </summary>
internal static class Hostile
{
    private const int LimitMiB = 256;
    private const int MiB = 1024 * 1024;
    private const int Messages = 1_000_000;
    private const int ReplyEvent = 1011;
    private const int KeepEvent = 1012;
    private const int FloodEvent = 1007;

    // Of a process beside its sockets: assemblies, pipes, the connections of the other attacks.
    private const int OtherFiles = 900;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(30);
    private static readonly Scenario Calls = new("calls", ScenarioKind.Echo, 1, 1);

    public static async Task MeasureAsync(ServerKind kind, WorkFolder folder, Scenario scenario)
    {
        var halfOpen = Math.Min(scenario.Connections, OpenFiles.Limit() - OtherFiles);
        await using var server = await ServerProcess.StartAsync(kind, folder, ("DUCTS_WEB_SOCKET_SERVER__MEMORY_LIMIT", $"{LimitMiB * MiB}"));
        await using var honest = await RequestLoad.StartAsync(server.Port, Dialect.For(kind, Calls), connections: 16, inFlight: 1);
        var alone = await MeasureAsync(server, honest, Task.Delay(TimeSpan.FromSeconds(5)));

        using var held = new HeldSockets(server.Port, Dialect.For(kind, Calls));
        // One after the other, for beside the last of them nobody else would be let in.
        var messages = await MeasureAsync(server, honest, held.SendMessagesAsync(Messages));
        var open = await MeasureAsync(server, honest, held.OpenHalfAsync(halfOpen), Task.Delay(TimeSpan.FromSeconds(5)));
        var memory = await MeasureAsync(
            server,
            honest,
            held.SendAsync(40, Repeat(PackedDialect.Call(1, ReplyEvent, MiB), 25)),
            held.SendAsync(40, Repeat(PackedDialect.Call(1, FloodEvent, 1_000_000), 4)),
            held.SendAsync(100, WithBytes(KeepEvent, 8 * MiB - 100)),
            held.SendAsync(100, WithBytes(KeepEvent, 8 * MiB - 100)[..^1]),
            held.SendAsync(40, Repeat(WithLongId(8 * MiB - 100), 4)),
            Task.Delay(Least));
        honest.ThrowIfFailed();
        Report.PrintHostile(
            kind,
            LimitMiB,
            (held.Refused, held.Answered),
            [("alone", alone), ($"{Messages} messages", messages), ($"{halfOpen} half-open connections", open), ("requests and replies that fill the memory", memory)]);
    }

    private static async Task<(StallPhase Phase, ServerMemory Most, ServerMemory? Collected)> MeasureAsync(ServerProcess server, RequestLoad honest, params Task[] until)
    {
        var latencies = new LatencyHistogram { Recording = true };
        honest.Latencies = latencies;
        var (least, most) = (long.MaxValue, 0L);
        var memory = new ServerMemory(0, 0, 0, 0, 0);
        // Those whose connections are not read any more do not end by themselves.
        var end = Task.WhenAny(Task.WhenAll(until), Task.Delay(TimeSpan.FromMinutes(3)));
        while (!end.IsCompleted)
        {
            await Task.Delay(Look);
            var resident = server.Usage.ResidentKiB;
            (least, most) = (Math.Min(least, resident), Math.Max(most, resident));
            memory = memory.Max(await ServerMemory.ReadAsync(server.Port));
        }

        latencies.Recording = false;
        var collected = await ServerMemory.ReadAsync(server.Port, collects: true);
        return (new StallPhase(least, most, latencies), memory, collected);
    }

    private static byte[] Repeat(byte[] frame, int count) => [.. Enumerable.Repeat(frame, count).SelectMany(static bytes => bytes)];

    private static byte[] WithBytes(int eventId, int size) =>
        Frame.Encode(Frame.Binary, [0x93, 1, 0xcd, (byte)(eventId >> 8), (byte)eventId, .. Bytes(size)]);

    private static byte[] WithLongId(int size) => Frame.Encode(Frame.Binary, [0x93, .. Bytes(size), 0xcd, 0x03, 0xe8, 0xc0]);

    // A bin of a length in four bytes.
    private static byte[] Bytes(int size) => [0xc6, (byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size, .. new byte[size]];

    /// <summary>The attackers' sockets, which stay open, and most of which are never read.</summary>
    private sealed class HeldSockets(int port, Dialect dialect) : IDisposable
    {
        private readonly ConcurrentBag<IDisposable> _sockets = [];
        private int _refused;
        private int _answered;

        public int Refused => _refused;

        public int Answered => _answered;

        /// <summary>Sends the same on each of so many connections, as far as the server reads it.</summary>
        public async Task SendAsync(int connections, byte[] frames)
        {
            for (var i = 0; i < connections; i++)
            {
                if (await OpenAsync() is { } connection)
                    _ = SendQuietlyAsync(connection, frames);
            }
        }

        public async Task OpenHalfAsync(int connections)
        {
            for (var i = 0; i < connections; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(socket);
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, port);
                    if (i % 2 == 1)
                        await socket.SendAsync("GET /ducts/ws/v1/x HTTP/1.1\r\nHo"u8.ToArray());
                }
                catch (SocketException)
                {
                    Interlocked.Increment(ref _refused);
                }
            }
        }

        /// <summary>Sends messages from another process, as fast as they are taken.</summary>
        public async Task SendMessagesAsync(int count)
        {
            var (refused, answered) = await MessageFlood.SendAsync(port, count);
            Interlocked.Add(ref _refused, refused);
            Interlocked.Add(ref _answered, answered);
        }

        public void Dispose()
        {
            foreach (var socket in _sockets)
                socket.Dispose();
        }

        private async Task<LoadConnection?> OpenAsync()
        {
            try
            {
                var connection = await LoadConnection.OpenAsync(port, dialect, bufferSize: 4096);
                _sockets.Add(connection);
                return connection;
            }
            catch (Exception exception) when (exception is IOException or SocketException or HttpRequestException)
            {
                Interlocked.Increment(ref _refused);
                return null;
            }
        }

        private static async Task SendQuietlyAsync(LoadConnection connection, byte[] frames)
        {
            try
            {
                await connection.SendAsync(frames);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Closed by the server, or by the end of the run.
            }
        }
    }
}
