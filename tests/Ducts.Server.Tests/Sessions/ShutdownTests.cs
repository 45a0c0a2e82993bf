using System.Runtime.CompilerServices;
using Ducts.Tests.Support;
using Ducts.Topics;
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
        // Streams end at once, with an error.
        await ReadBrokenOffAsync(client, 2, 1015);
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
        await ReadBrokenOffAsync(client, 2, 1015);
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
            Assert.Equal("[1,-1006,\"ConnectionError('the server is stopping')\"]", await client.ReceiveAsync());
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
            [
                "[1,-2000,\"ConnectionError('the server is stopping')\"]",
                "[2,-2001,\"ConnectionError('the server is stopping')\"]",
                "[3,2,[3,-2001,\"ConnectionError('the server is stopping')\"]]",
                "[3,3,[3,-2001,null]]",
                "[4,-2002,\"ConnectionError('the server is stopping')\"]",
            ],
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

    [Fact]
    public async Task A_stream_that_the_stop_breaks_off_ends_with_an_error_however_its_handler_takes_it()
    {
        var topic = new Topic<int>();
        await using var server = await WireServer.StartAsync(redis, map: app =>
        {
            app.MapEvent(2000, "ENDS_BY_ITSELF", UntilCancelledAsync);
            app.MapEvent(2001, "SAYS_GOODBYE", GoodbyeAsync);
            app.MapEvent(2002, "TOPIC", topic.Subscribe);
            app.MapEvent(2003, "NOTHING_YET", static (CancellationToken token) => NothingAsync(token));
        });
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,2000,null]");
        Assert.Equal("[1,1,[1,2000,0]]", await client.ReceiveAsync());
        await client.SendAsync("[2,2001,null]");
        Assert.Equal("[2,1,[2,2001,0]]", await client.ReceiveAsync());
        await client.SendAsync("[3,2002,null]");
        await Until.TrueAsync(() => topic.SubscriberCount == 1);
        topic.Publish(0);
        Assert.Equal("[3,1,[3,2002,0]]", await client.ReceiveAsync());
        await client.SendAsync("[4,2003,null]");
        await Until.TrueAsync(() => server.Registry.Live.Single().Requests.Count == 4);

        var stopping = server.StopAsync();

        Assert.Equal(
            [
                "[1,2,[1,-2000,\"ConnectionError('the server is stopping')\"]]",
                "[1,3,[1,-2000,null]]",
                "[2,2,[2,-2001,\"ConnectionError('the server is stopping')\"]]",
                "[2,2,[2,2001,-1]]",
                "[2,3,[2,-2001,null]]",
                "[3,2,[3,-2002,\"ConnectionError('the server is stopping')\"]]",
                "[3,3,[3,-2002,null]]",
                "[4,-2003,\"ConnectionError('the server is stopping')\"]",
            ],
            (await client.ReceiveAsync(8)).Order(StringComparer.Ordinal));
        Assert.Equal("close 1001 server stops", await client.ReceiveAsync());
        await client.DisposeAsync();
        await stopping;
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_stream_that_its_client_cancelled_before_the_stop_ends_regularly()
    {
        var cancelled = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var server = await WireServer.StartAsync(redis, map: app => app.MapEvent(2000, "SLOW_END", (CancellationToken token) => SlowEndAsync(cancelled, release.Task, token)));
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,2000,null]");
        Assert.Equal("[1,1,[1,2000,0]]", await client.ReceiveAsync());
        Assert.Equal("[2,6,true]", await client.CallAsync("[2,6,1]"));
        await cancelled.Task.WaitAsync(Until.Patience);

        var stopping = server.StopAsync();
        await Until.TrueAsync(() => server.Registry.IsStopping);
        release.SetResult();

        Assert.Equal("[1,3,[1,2000,null]]", await client.ReceiveAsync());
        await client.DisposeAsync();
        await stopping;
    }

    [Fact]
    public async Task A_stream_that_waits_for_room_after_its_first_item_is_not_begun_again()
    {
        var gate = new TaskCompletionSource();
        await using var server = await WireServer.StartAsync(
            redis,
            static options => options.WebSocketServer.OutboxLimit = 1024 * 1024,
            app => app.MapEvent(2000, "GATED", () => LargeAsync(gate.Task)));
        var issued = await server.IssueAsync();
        var client = await server.OpenAsync(issued);
        var session = server.Session(issued);
        await client.SendAsync("[1,2000,null]");
        await Until.TrueAsync(() => session.Requests.Count == 1);
        client.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));
        gate.SetResult();
        await Until.TrueAsync(() => session.Outbox.IsFull);

        session.Requests.CancelStreams();

        await Until.TrueAsync(() => session.Requests.Count == 0);
        await using var back = await server.ReconnectAsync(issued);
        Assert.StartsWith("[1,1,[1,2000,", await back.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal(["[1,2,[1,-2000,\"ConnectionError('the server is stopping')\"]]", "[1,3,[1,-2000,null]]"], await back.ReceiveAsync(2));
    }

    // Reads a stream to the error that breaks it off and its end; nothing of other requests comes meanwhile.
    private static async Task ReadBrokenOffAsync(WireClient client, int requestId, int eventId)
    {
        string message;
        while (!(message = await client.ReceiveAsync()).StartsWith($"[{requestId},2,[{requestId},-", StringComparison.Ordinal))
            Assert.Matches($"^\\[{requestId},[12],\\[{requestId},{eventId},[0-9]+\\]\\]$", message);
        Assert.Equal($"[{requestId},2,[{requestId},-{eventId},\"ConnectionError('the server is stopping')\"]]", message);
        Assert.Equal($"[{requestId},3,[{requestId},-{eventId},null]]", await client.ReceiveAsync());
    }

    private static async IAsyncEnumerable<byte[]> LargeAsync(Task gate)
    {
        await gate;
        while (true)
            yield return new byte[3 * 1024 * 1024];
    }

    private static async IAsyncEnumerable<int> UntilCancelledAsync([EnumeratorCancellation] CancellationToken token)
    {
        yield return 0;
        await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async IAsyncEnumerable<int> GoodbyeAsync([EnumeratorCancellation] CancellationToken token)
    {
        yield return 0;
        await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        yield return -1;
    }

    private static async IAsyncEnumerable<int> NothingAsync([EnumeratorCancellation] CancellationToken token)
    {
        await Task.Delay(Timeout.Infinite, token);
        yield return 0;
    }

    private static async IAsyncEnumerable<int> SlowEndAsync(TaskCompletionSource cancelled, Task release, [EnumeratorCancellation] CancellationToken token)
    {
        yield return 0;
        await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancelled.SetResult();
        await release;
    }

    private static async IAsyncEnumerable<int> StubbornAsync(int items, Task never)
    {
        for (var i = 1; i <= items; i++)
            yield return i;
        await never;
        yield return 0;
    }
}
