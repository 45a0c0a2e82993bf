using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Sessions;

public sealed class ShutdownTests(RedisFixture redis)
{
    [Fact]
    public async Task Running_requests_may_end_then_sockets_close_with_1001()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,1006,\"x\"]");
        await client.SendAsync("[2,1015,null]");
        await Until.TrueAsync(() => server.Events.Held == 1);

        var stopping = server.StopAsync();
        // Streams end at once, regularly.
        string message;
        while ((message = await client.ReceiveAsync()) != "[2,3,[2,1015,null]]")
            Assert.StartsWith("[2,", message, StringComparison.Ordinal);
        await using var late = await WireClient.AskAsync(server.Port, "/ducts/ws/v1/x");
        Assert.Equal(503, late.Status);
        server.Events.Release.SetResult();

        Assert.Equal("[1,1006,\"x\"]", await client.ReceiveAsync());
        Assert.Equal("close 1001 server stops", await client.ReceiveAsync());
        await client.SendFrameAsync(Ducts.Connections.Opcode.Close, Packed.Hex("03e9"));
        await stopping;
        Assert.EndsWith("a:closed b:closed", server.Hooks.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_begins_while_the_server_stops_ends_at_once()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,1006,\"x\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        var stopping = server.StopAsync();
        await Until.TrueAsync(() => server.Registry.IsStopping);
        Assert.Equal("[3,1000,3]", await client.CallAsync("[3,1000,3]"));

        await client.SendAsync("[2,1015,null]");

        // Not only when the time of the other request is over.
        string message;
        while ((message = await client.ReceiveAsync()) != "[2,3,[2,1015,null]]")
            Assert.StartsWith("[2,", message, StringComparison.Ordinal);
        server.Events.Release.SetResult();
        Assert.Equal("[1,1006,\"x\"]", await client.ReceiveAsync());
        await client.DisposeAsync();
        await stopping;
    }

    [Fact]
    public async Task A_request_whose_handler_has_not_yet_begun_to_wait_may_end()
    {
        var entered = new TaskCompletionSource();
        WireServer? running = null;
        await using var server = await WireServer.StartAsync(redis, map: app => app.MapEvent(1100, "SLOW_TO_WAIT", async () =>
        {
            entered.SetResult();
            SpinWait.SpinUntil(() => running!.Registry.IsStopping);
            await Task.Delay(100);
            return "done";
        }));
        running = server;
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,1100,null]");
        await entered.Task;

        var stopping = server.StopAsync();

        Assert.Equal("[1,1100,\"done\"]", await client.ReceiveAsync());
        Assert.Equal("close 1001 server stops", await client.ReceiveAsync());
        await client.DisposeAsync();
        await stopping;
    }

    [Fact]
    public async Task Requests_that_do_not_end_in_time_get_an_error()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.ShutdownTimeout = TimeSpan.FromSeconds(0.1));
        var clients = new List<WireClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await server.OpenAsync());
            await clients[^1].SendAsync("[1,1006,\"x\"]");
        }

        await Until.TrueAsync(() => server.Events.Held == clients.Count);

        var stopping = server.StopAsync();

        foreach (var client in clients)
        {
            Assert.Equal("[1,-1006,\"RuntimeError('cancelled')\"]", await client.ReceiveAsync());
            Assert.Equal("close 1001 server stops", await client.ReceiveAsync());
            await client.DisposeAsync();
        }

        await stopping;
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Handlers_that_do_not_heed_their_token_are_answered_for()
    {
        var never = new TaskCompletionSource<string>();
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.ShutdownTimeout = TimeSpan.FromSeconds(0.1), app =>
        {
            app.MapEvent(2000, "STUBBORN", () => never.Task);
            app.MapEvent(2002, "STUBBORN_THREAD", (CancellationToken token) => never.Task.Wait(Until.Patience, CancellationToken.None));
            app.MapEvent(2001, "STUBBORN_STREAM", (int items) => StubbornAsync(items, never.Task));
        });
        await using var client = await server.OpenAsync();
        await client.SendAsync("[3,2001,1]");
        Assert.Equal("[3,1,[3,2001,1]]", await client.ReceiveAsync());
        await client.SendAsync("[2,2001,0]");
        await client.SendAsync("[1,2000,null]");
        await client.SendAsync("[4,2002,null]");
        await Until.TrueAsync(() => server.Registry.Live.Single().Requests.Count == 4);

        var stopping = server.StopAsync();

        Assert.Equal(
            ["[1,-2000,\"RuntimeError('cancelled')\"]", "[2,1,[2,2001,null]]", "[2,3,[2,2001,null]]", "[3,3,[3,2001,null]]", "[4,-2002,\"RuntimeError('cancelled')\"]"],
            (await client.ReceiveAsync(5)).Order(StringComparer.Ordinal));
        Assert.Equal("close 1001 server stops", await client.ReceiveAsync());
        // What they come to now goes nowhere.
        never.SetResult("late");
        await client.DisposeAsync();
        await stopping;
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_peer_that_reads_nothing_does_not_keep_the_server_from_stopping()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.ShutdownTimeout = TimeSpan.FromSeconds(0.1));
        var issued = await server.IssueAsync();
        await using var client = await WireClient.OpenAsync(server.Port, issued.Path, receiveBuffer: 8 * 1024);
        await client.SendAsync("[1,1008,[100000,65536]]");
        await Until.TrueAsync(() => server.Session(issued).Outbox.IsFull);

        await server.StopAsync().WaitAsync(Until.Patience);

        Assert.Equal(0, server.Sessions.Count);
    }

    private static async IAsyncEnumerable<int> StubbornAsync(int items, Task never)
    {
        for (var i = 1; i <= items; i++)
            yield return i;
        await never;
        yield return 0;
    }
}
