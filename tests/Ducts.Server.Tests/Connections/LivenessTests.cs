using Ducts.Connections;
using Ducts.Tests.Support;

namespace Ducts.Tests.Connections;

public sealed class LivenessTests(RedisFixture redis)
{
    [Fact]
    public async Task A_silent_peer_is_pinged_and_lives_while_it_answers()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.PingPongInterval = TimeSpan.FromSeconds(0.02));
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
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.PingPongInterval = TimeSpan.FromSeconds(0.05));
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
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.PingPongInterval = TimeSpan.FromSeconds(0.05));
        await using var proxy = new FaultProxy(server.Port, FaultPlan.None);
        var issued = await server.IssueAsync();
        await using var client = await WireClient.OpenAsync(proxy.Port, issued.Path);
        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));

        proxy.Stall();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));

        await using var back = await server.ReconnectAsync(issued);
        Assert.Equal("[2,1000,2]", await back.CallAsync("[2,1000,2]"));
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
}
