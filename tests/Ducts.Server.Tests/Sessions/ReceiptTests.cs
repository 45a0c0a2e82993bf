using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

/// <summary>What the server confirms, and how much a client may send before it does.</summary>
public sealed class ReceiptTests(RedisFixture redis) : ResumingTests(redis)
{
    [Fact]
    public async Task The_server_confirms_what_has_left_its_inbox()
    {
        var client = await OpenAsync();
        for (var i = 1; i <= 130; i++)
            await client.SendAsync($"[{i},1011,null]");
        var receipts = new List<string>();
        for (var replies = 0; replies < 130 || receipts.Count == 0;)
        {
            var message = await client.Wire.ReceiveAsync();
            if (message.StartsWith("[null,7,", StringComparison.Ordinal))
                receipts.Add(message);
            else
                replies++;
        }

        Assert.All(receipts, receipt => Assert.InRange(long.Parse(receipt[8..^1]), 64, 130));
    }

    [Fact]
    public async Task Large_messages_are_confirmed_by_their_bytes()
    {
        var client = await OpenAsync();
        for (var i = 1; i <= 3; i++)
            await client.SendAsync($"[{i},1011,\"{new string('x', 100_000)}\"]");
        await Until.TrueAsync(async () => await client.Wire.ReceiveAsync() == "[null,7,3]");
    }

    [Fact]
    public async Task What_waits_in_the_inbox_is_not_confirmed()
    {
        var client = await OpenBusyAsync();
        for (var i = 2; i <= 200; i++)
            await client.SendAsync($"[{i},1011,null]");
        await client.SendAsync("[\"c\",6,777]");
        Assert.Equal("[\"c\",6,false]", await client.Wire.ReceiveAsync());
        var next = await ResumeAsync(1, client.Life, 2);
        Assert.Equal(201, next.Received);
        // Of these, one has been handed to its handler.
        Assert.Equal("[null,7,1]", await next.Wire.ReceiveAsync());
        Server.Events.Release.TrySetResult();
        Assert.Equal("[1,1006,\"runs\"]", await next.ReceiveAsync());
        Assert.Equal("[2,1011,null]", await next.ReceiveAsync());
    }

    [Fact]
    public async Task A_client_that_sends_more_than_may_wait_ends_its_session()
    {
        var client = await OpenBusyAsync(static options => options.WebSocketServer.InboxLimit = 10_000);
        // The fourth of them begins below the limit and ends above it, which is allowed once.
        for (var i = 2; i < 6; i++)
            await client.SendAsync($"[{i},1000,\"{new string('x', 3000)}\"]");
        Assert.Equal("[\"c\",6,false]", await client.CallAsync("[\"c\",6,777]"));
        Assert.Equal("close 4002 more than inbox_limit waits", await client.CallAsync("[6,1000,null]"));
        await UntilEndedAsync();
    }
}
