using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Connections;

public sealed class LimitTests(RedisFixture redis)
{
    [Fact]
    public async Task More_malformed_messages_than_the_limit_close_with_1008_and_end_the_session()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.MalformedLimit = 3);
        await using var client = await server.OpenAsync();

        for (var i = 0; i < 3; i++)
            Assert.Equal("[1,-99,\"ValueError('a request has three parts, not 1')\"]", await client.CallAsync("[1]"));
        await client.SendAsync("[1]");

        var last = await client.ReceiveAsync();
        if (!last.StartsWith("close", StringComparison.Ordinal))
            last = await client.ReceiveAsync();
        Assert.Equal("close 1008 too many malformed messages", last);
        await client.DisposeAsync();
        await Until.TrueAsync(() => server.Sessions.Count == 0);
        Assert.DoesNotContain("waits", server.Hooks.Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task At_max_inflight_further_requests_wait_and_nothing_is_dropped(int limit)
    {
        await using var server = await WireServer.StartAsync(redis, options => options.WebSocketServer.MaxInflight = limit);
        await using var client = await server.OpenAsync();

        for (var i = 0; i < limit * 3; i++)
            await client.SendAsync($"[{i},1006,\"h\"]");
        await Until.TrueAsync(() => server.Events.Held == limit);
        // Calls of other sessions come and go meanwhile; none more of this one begins.
        await using var other = await server.OpenAsync();
        for (var i = 0; i < 20; i++)
            await other.CallAsync("[1,1000,1]");
        Assert.Equal(limit, server.Events.Held);
        server.Events.Release.SetResult();

        var replies = await client.ReceiveAsync(limit * 3);
        Assert.Equal(Enumerable.Range(0, limit * 3).Select(static i => $"[{i},1006,\"h\"]").Order(), replies.Order());
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_holds_up_no_other_request_of_its_session()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendAsync("[1,1007,\"blocked\"]");
        for (var i = 2; i < 20; i++)
            Assert.Equal($"[{i},1000,{i}]", await client.CallAsync($"[{i},1000,{i}]"));
        server.Events.Release.SetResult();

        Assert.Equal("[1,1007,\"blocked\"]", await client.ReceiveAsync());
        Assert.Equal("[20,1000,1]", await client.CallAsync("[20,1000,1]"));
    }

    [Fact]
    public async Task Handlers_that_return_just_when_they_are_taken_over_lose_and_double_nothing()
    {
        // As long as the watch needs to act, give or take: both happen at the same moment again and again.
        await using var server = await WireServer.StartAsync(redis, map: static app => app.MapEvent(2000, "NAP", (int milliseconds) =>
        {
            Thread.Sleep(milliseconds);
            return milliseconds;
        }));
        await using var client = await server.OpenAsync();
        var sent = new List<string>();
        for (var i = 0; i < 120; i++)
        {
            var message = $"[{i},2000,{20 + (i % 40)}]";
            sent.Add(message);
            await client.SendAsync(message);
        }

        var replies = await client.ReceiveAsync(sent.Count);

        Assert.Equal(sent.Order(StringComparer.Ordinal), replies.Order(StringComparer.Ordinal));
        Assert.Equal("[\"last\",1000,1]", await client.CallAsync("[\"last\",1000,1]"));
        await Until.TrueAsync(() => server.Registry.Live.All(static session => session.Requests.Count == 0));
    }
}
