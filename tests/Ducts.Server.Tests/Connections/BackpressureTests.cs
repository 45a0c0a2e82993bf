using System.Diagnostics;
using Ducts.Tests.Support;

namespace Ducts.Tests.Connections;

/// <remarks>Set DUCTS_TEST_STOPPED to <c>16000x60</c> (items of 64 KiB, seconds that the reader stops) for the long run.</remarks>
public sealed class BackpressureTests(RedisFixture redis)
{
    private const int Item = 64 * 1024;

    private static readonly string[] Amounts = (Environment.GetEnvironmentVariable("DUCTS_TEST_STOPPED") ?? "1000x0").Split('x');
    private static readonly int Items = int.Parse(Amounts[0]);
    private static readonly TimeSpan Stop = TimeSpan.FromSeconds(int.Parse(Amounts[1]));

    [Fact]
    public async Task A_stream_pauses_when_its_reader_stops_and_memory_stays_bounded()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await WireClient.OpenAsync(server.Port, issued.Path, receiveBuffer: 64 * 1024);
        await using var other = await server.OpenAsync();
        var session = server.Session(issued);
        var limit = session.Options.OutboxLimit + (1024 * 1024);
        await client.SendAsync($"[1,1008,[{Items},{Item}]]");

        // Full and, over many looks while others are served, not growing.
        await Until.TrueAsync(() => session.Outbox.IsFull);
        var since = Stopwatch.GetTimestamp();
        for (var i = 0; i < 300 || Stopwatch.GetElapsedTime(since) < Stop; i++)
        {
            Assert.Equal("[1,1000,1]", await other.CallAsync("[1,1000,1]"));
            Assert.InRange(session.Outbox.Bytes, 0, limit);
        }

        var paused = server.Events.Produced;
        Assert.True(paused < Items / 2, $"{paused} of {Items} items were yielded for a reader that does not read");

        // A request that waits behind the stream is answered once the reader reads.
        await client.SendAsync("[2,1000,\"later\"]");
        var items = 0;
        var answered = false;
        while (true)
        {
            var (_, message) = await client.ReceiveBytesAsync();
            Assert.NotEmpty(message);
            answered |= message[1] == 2;
            items += message.Length > Item ? 1 : 0;
            if (message[2] == 3)
                break;
            Assert.InRange(session.Outbox.Bytes, 0, limit);
        }

        Assert.Equal(Items, items);
        if (!answered)
            Assert.Equal("[2,1000,\"later\"]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_stream_without_a_socket_pauses_too_and_goes_on_with_the_next_one()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.Resend = ResendMode.None);
        var issued = await server.IssueAsync();
        var client = await server.OpenAsync(issued);
        // Without an end: until the loss is noticed the dead socket swallows some of it.
        await client.SendAsync($"[1,1008,[{int.MaxValue},{Item}]]");
        await client.ReceiveAsync();
        client.Reset();
        var session = server.Session(issued);
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal) && session.Outbox.IsFull);
        Assert.InRange(session.Outbox.Bytes, 0, session.Options.OutboxLimit + (1024 * 1024));
        var paused = server.Events.Produced;

        await using var back = await server.ReconnectAsync(issued);
        for (var i = 0; i < 200; i++)
            Assert.Equal(Item + 13, (await back.ReceiveBytesAsync()).Bytes.Length);

        Assert.True(server.Events.Produced > paused);
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_for_too_long_is_cut_and_may_come_back()
    {
        await using var server = await WireServer.StartAsync(redis, static options =>
        {
            options.WebSocketServer.StallTimeout = TimeSpan.FromSeconds(0.2);
            // Of what the system takes for the client nothing is confirmed, and that alone holds up the stream; see receipt_timeout.
            options.WebSocketServer.Resend = ResendMode.None;
            options.WebSocketServer.PingPongInterval = TimeSpan.FromSeconds(0.05);
        });
        var issued = await server.IssueAsync();
        await using var client = await WireClient.OpenAsync(server.Port, issued.Path, receiveBuffer: 8 * 1024);
        await client.SendAsync($"[1,1008,[{Items},{Item}]]");

        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));

        await using var back = await server.ReconnectAsync(issued);
        Assert.NotEmpty((await back.ReceiveBytesAsync()).Bytes);
    }
}
