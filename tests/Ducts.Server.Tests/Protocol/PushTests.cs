using Ducts.Sessions;
using Ducts.Tests.Support;

namespace Ducts.Tests.Protocol;

public sealed class PushTests(RedisFixture redis)
{
    [Fact]
    public async Task A_push_has_no_request_id_and_comes_to_its_session()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendAsync("[1,1010,{\"id\":1000,\"text\":\"hi\"}]");

        Assert.Equal(["[null,1000,\"hi\"]", "[1,1010,null]"], await client.ReceiveAsync(2));
    }

    [Fact]
    public async Task A_push_to_all_comes_to_each_in_its_encoding()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var packed = await server.OpenAsync();
        await using var text = await server.OpenAsync();
        await packed.CallAsync("[1,1000,1]");
        await text.SendTextAsync("""{"request_id":1,"event_id":1000,"data":1}""");
        await text.ReceiveAsync();

        Assert.Equal(2, await server.Sessions.PushAsync("ECHO", new { name = "n" }));

        Assert.Equal("""[null,1000,{"name":"n"}]""", await packed.ReceiveAsync());
        Assert.Equal("""text {"request_id":null,"event_id":1000,"data":{"name":"n"}}""", await text.ReceiveAsync());
    }

    [Fact]
    public async Task A_push_comes_to_those_that_match_and_waits_for_those_without_a_socket()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync("&room=a");
        var lost = await server.OpenAsync(issued);
        await using var other = await server.OpenAsync();
        lost.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));

        Assert.Equal(1, await server.Sessions.PushAsync(1000, "to a", static session => session.Query.ContainsKey("room")));

        await using var back = await server.ReconnectAsync(issued);
        Assert.Equal("[null,1000,\"to a\"]", await back.ReceiveAsync());
        Assert.Equal("[1,1000,1]", await other.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task A_push_to_all_waits_for_sessions_without_room_and_holds_up_none_of_the_others()
    {
        const int Pushes = 20;
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        var lost = await server.OpenAsync(issued);
        var behind = await server.IssueAsync();
        await using var slow = await WireClient.OpenAsync(server.Port, behind.Path, receiveBuffer: 8 * 1024);
        await using var quick = await server.OpenAsync();
        lost.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.EndsWith("b:waits", StringComparison.Ordinal));

        // Half a MiB each: more than an outbox holds, and than the system takes for a reader that does not read.
        var pushing = Enumerable.Range(0, Pushes).Select(i => server.Sessions.PushAsync(1000, Numbered(i)).AsTask()).ToArray();

        await ReceiveNumberedAsync(quick, Pushes);
        await Until.TrueAsync(() => server.Session(issued).Outbox.IsFull && server.Session(behind).Outbox.IsFull);
        Assert.False(pushing[^1].IsCompleted);
        Assert.InRange(server.Session(issued).Outbox.Bytes, 0, 5 * 1024 * 1024);
        await using var back = await server.ReconnectAsync(issued);
        await ReceiveNumberedAsync(back, Pushes);
        await ReceiveNumberedAsync(slow, Pushes);
        Assert.All(await Task.WhenAll(pushing).WaitAsync(Until.Patience), static reached => Assert.Equal(3, reached));
        // Nothing more came than what was pushed.
        Assert.Equal("[1,1000,1]", await slow.CallAsync("[1,1000,1]"));
        Assert.Equal("[1,1000,1]", await back.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task A_push_that_skips_slow_sessions_says_how_many()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var quick = await server.OpenAsync();
        var issued = await server.IssueAsync();
        await FillAsync(server, issued);

        var result = await server.Sessions.PushAsync("ECHO", "news", PushMode.SkipSlow);

        Assert.Equal(new PushResult(Reached: 1, Skipped: 1), result);
        Assert.Equal("[null,1000,\"news\"]", await quick.ReceiveAsync());
        Assert.Equal(new PushResult(1, 0), await server.Sessions.PushAsync(1000, "x", session => session.SessionId != server.Session(issued).SessionId, PushMode.SkipSlow));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await server.Sessions.PushAsync(1000, 1, (PushMode)7));
    }

    [Fact]
    public async Task A_push_that_is_cancelled_does_not_come_to_those_it_waited_for()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var quick = await server.OpenAsync();
        var issued = await server.IssueAsync();
        var kept = await FillAsync(server, issued);
        using var cancellation = new CancellationTokenSource();
        var pushing = server.Sessions.PushAsync(1000, "cancelled", cancellation.Token).AsTask();
        var alone = server.Session(issued).CreateView().PushAsync(1000, "cancelled, too", cancellation.Token).AsTask();
        var next = server.Sessions.PushAsync(1000, "next").AsTask();
        Assert.Equal("[null,1000,\"cancelled\"]", await quick.ReceiveAsync());

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pushing.WaitAsync(Until.Patience));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone.WaitAsync(Until.Patience));
        await using var back = await server.ReconnectAsync(issued);
        for (var i = 0; i < kept; i++)
            await back.ReceiveBytesAsync();
        Assert.Equal("[null,1000,\"next\"]", await back.ReceiveAsync());
        Assert.Equal(2, await next.WaitAsync(Until.Patience));
    }

    [Fact]
    public async Task A_push_does_not_wait_for_a_session_that_ends()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var quick = await server.OpenAsync();
        var issued = await server.IssueAsync();
        await FillAsync(server, issued);
        var session = server.Session(issued);
        var pushing = server.Sessions.PushAsync(1000, "news").AsTask();
        var alone = session.CreateView().PushAsync(1000, "news").AsTask();
        Assert.Equal("[null,1000,\"news\"]", await quick.ReceiveAsync());
        Assert.False(pushing.IsCompleted);

        await server.Registry.CloseAsync(session, SessionEnd.Left);

        Assert.Equal(1, await pushing.WaitAsync(Until.Patience));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone.WaitAsync(Until.Patience));
    }

    [Fact]
    public async Task Pushes_to_one_session_wait_in_the_order_in_which_they_were_made()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        var kept = await FillAsync(server, issued);
        var session = server.Session(issued).CreateView();
        var pushing = Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? session.PushAsync(1000, i).AsTask() : server.Sessions.PushAsync(1000, i).AsTask()).ToArray();

        await using var back = await server.ReconnectAsync(issued);

        for (var i = 0; i < kept; i++)
            await back.ReceiveBytesAsync();
        for (var i = 0; i < pushing.Length; i++)
            Assert.Equal($"[null,1000,{i}]", await back.ReceiveAsync());
        await Task.WhenAll(pushing).WaitAsync(Until.Patience);
    }

    [Fact]
    public async Task A_push_that_clients_would_drop_is_refused()
    {
        await using var server = await WireServer.StartAsync(redis);

        await Assert.ThrowsAsync<ArgumentException>(async () => await server.Sessions.PushAsync(1000, new byte[5 * 1024 * 1024]));
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await server.Sessions.PushAsync("NOBODY", 1));
    }

    private static byte[] Numbered(int number)
    {
        var item = new byte[512 * 1024];
        item[0] = (byte)number;
        return item;
    }

    // [null, 1000, bin 32 of half a MiB whose first byte is the number]
    private static async Task ReceiveNumberedAsync(WireClient client, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (_, message) = await client.ReceiveBytesAsync();
            Assert.True(message.Length > 512 * 1024, Packed.ToJson(message));
            Assert.Equal(i, message[10]);
        }
    }

    /// <summary>Opens a session, takes its socket away, and fills what is kept for it.</summary>
    /// <returns>How many messages that took.</returns>
    private static async Task<int> FillAsync(WireServer server, Issued issued)
    {
        var client = await server.OpenAsync(issued);
        client.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.EndsWith("b:waits", StringComparison.Ordinal));
        var session = server.Session(issued);
        var messages = 0;
        while (!session.Outbox.IsFull)
        {
            await session.CreateView().PushAsync(1000, new byte[512 * 1024]);
            messages++;
        }

        return messages;
    }
}
