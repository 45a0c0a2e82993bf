using System.Net.Sockets;
using Ducts.Connections;
using Ducts.Connections.Transport;
using Ducts.Tests.Support;

namespace Ducts.Tests.Connections;

public sealed class LivenessTests(RedisFixture redis)
{
    [Fact]
    public async Task A_silent_peer_is_pinged_and_lives_while_it_answers()
    {
        await using var server = await WireServer.StartAsync(redis, static options => Ping(options, 0.02));
        await using var client = await server.OpenAsync();

        for (var i = 0; i < 8; i++)
        {
            var ping = await client.ReadFrameAsync();
            Assert.Equal(Opcode.Ping, ping!.Opcode);
            await client.SendFrameAsync(Opcode.Pong, ping.Payload);
        }

        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
        Assert.DoesNotContain("waits", server.Hooks.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_two_unanswered_pings_the_socket_is_lost()
    {
        await using var server = await WireServer.StartAsync(redis, static options => Ping(options, 0.05));
        await using var client = await server.OpenAsync();
        client.AnswersPings = false;

        var pings = 0;
        while (await client.ReadFrameAsync() is { } frame)
        {
            Assert.Equal(Opcode.Ping, frame.Opcode);
            pings++;
        }

        Assert.Equal(2, pings);
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_network_that_hands_nothing_on_is_noticed_and_a_new_socket_goes_on()
    {
        await using var server = await WireServer.StartAsync(redis, static options => Ping(options, 0.05));
        await using var proxy = new FaultProxy(server.Port, FaultPlan.None);
        var issued = await server.IssueAsync();
        await using var client = await WireClient.OpenAsync(proxy.Port, issued.Path);
        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
        await client.ConfirmAllAsync(server.Session(issued));

        proxy.Stall();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));

        await using var back = await server.ReconnectAsync(issued);
        Assert.Equal("[2,1000,2]", await back.CallAsync("[2,1000,2]"));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(0.2, true)]
    public async Task A_host_that_has_vanished_is_noticed_without_any_ping(double interval, bool isSentTo)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems do not tell.");
        await using var server = await WireServer.StartAsync(redis, options =>
        {
            options.WebSocketServer.PingPongInterval = TimeSpan.FromSeconds(interval);
            options.WebSocketServer.IdlePingInterval = TimeSpan.FromHours(1);
            options.Event.AliveMonitoringInterval = TimeSpan.FromSeconds(0.05);
        });
        await using var client = await server.OpenAsync();
        if (isSentTo)
            await client.CallAsync("[1,0,null]");

        client.Vanish();

        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_peer_whose_system_answers_is_pinged_after_the_idle_interval_and_lost_with_two_pings()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems do not tell.");
        await using var server = await WireServer.StartAsync(redis);
        var session = await server.OpenWaitingAsync();
        var (ours, peer) = await SocketPair.ConnectAsync();
        var wheel = server.CreateWheel();
        using var connection = server.CreateConnection(session, WebSocketTransport.Over(new OwnedSocket(ours, default)), wheel);
        var running = connection.RunAsync(Task.CompletedTask);
        await Until.TrueAsync(() => connection.IsReading);

        Advance(0, 24.5);
        Assert.False(peer.Poll(0, SelectMode.SelectRead));
        Advance(24.5, 25.5);
        Assert.Equal(FrameBytes, await ReadAsync(peer));
        Advance(25.5, 28.5);
        Assert.Equal(FrameBytes, await ReadAsync(peer));
        Assert.False(running.IsCompleted);
        Advance(28.5, 31.5);

        await running;
        peer.Dispose();

        void Advance(double from, double to)
        {
            for (var seconds = from; seconds <= to; seconds += 0.25)
                wheel.Advance(wheel.After(connection.LastRead, TimeSpan.FromSeconds(seconds)));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_socket_that_ends_is_noticed_without_any_ping(bool reset)
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.PingPongInterval = TimeSpan.FromSeconds(3600));
        await using var client = await server.OpenAsync();
        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));

        if (reset)
            client.Reset();
        else
            client.Finish();

        await Until.TrueAsync(() => server.Hooks.Seen.EndsWith("a:waits b:waits", StringComparison.Ordinal));
    }

    // A ping without content.
    private static readonly byte[] FrameBytes = [0x89, 0];

    private static async Task<byte[]> ReadAsync(Socket peer)
    {
        var bytes = new byte[16];
        return bytes[..await peer.ReceiveAsync(bytes)];
    }

    private static void Ping(DuctsOptions options, double interval)
    {
        options.WebSocketServer.PingPongInterval = TimeSpan.FromSeconds(interval);
        options.WebSocketServer.IdlePingInterval = TimeSpan.FromSeconds(interval);
    }
}
