using System.Runtime.CompilerServices;
using Ducts.Connections;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Sessions;

/// <summary>Requests that wait because as many run as may: the connection is read on meanwhile.</summary>
public sealed class InboxTests(RedisFixture redis)
{
    private const int Idle = 2001;

    [Fact]
    public async Task CANCEL_of_a_request_that_runs_acts_while_as_many_run_as_may()
    {
        await using var server = await StartAsync(maxInflight: 1);
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,1006,\"a\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        await client.SendAsync("[2,1006,\"b\"]");

        await client.SendAsync("[9,6,1]");

        Assert.Equal(["[1,-1006,\"RuntimeError('cancelled')\"]", "[9,6,true]"], (await client.ReceiveAsync(2)).Order(StringComparer.Ordinal));
        // Its place is the next one's.
        await Until.TrueAsync(() => server.Events.Held == 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CANCEL_ends_a_request_that_waits_before_it_has_run(bool asText)
    {
        await using var server = await StartAsync(maxInflight: 1);
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,1006,\"a\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        if (asText)
            await client.SendTextAsync("""{"request_id":2,"event_id":1006,"data":"b"}""");
        else
            await client.SendAsync("[2,1006,\"b\"]");
        await client.SendAsync("[3,1000,3]");

        await client.SendAsync("[9,6,2]");

        var cancelled = await client.ReceiveAsync();
        Assert.StartsWith(asText ? "text " : "[2,-1006,", cancelled, StringComparison.Ordinal);
        Assert.Contains("RuntimeError('cancelled')", cancelled, StringComparison.Ordinal);
        Assert.Equal("[9,6,true]", await client.ReceiveAsync());
        server.Events.Release.SetResult();
        Assert.Equal(["[1,1006,\"a\"]", "[3,1000,3]"], await client.ReceiveAsync(2));
        Assert.Equal(1, server.Events.Held);
        Assert.Equal("[9,6,false]", await client.CallAsync("[9,6,2]"));
    }

    [Fact]
    public async Task Pings_are_answered_and_a_close_is_seen_while_requests_wait()
    {
        await using var server = await StartAsync(maxInflight: 1);
        await using var client = await server.OpenAsync();
        for (var i = 0; i < 5; i++)
            await client.SendAsync($"[{i},1006,\"a\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);

        await client.SendFrameAsync(Opcode.Ping, new byte[] { 7 });
        var pong = await client.ReadFrameAsync();
        Assert.Equal((Opcode.Pong, 7), (pong!.Opcode, pong.Payload[0]));
        await client.SendFrameAsync(Opcode.Close, Array.Empty<byte>());

        Assert.Equal("close 1000", await client.ReceiveAsync());
        Assert.Equal(1, server.Events.Held);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_end_of_a_socket_is_noticed_behind_more_than_the_inbox_takes(bool reset)
    {
        await using var server = await StartAsync(maxInflight: 1, static options => options.WebSocketServer.InboxLimit = 4096);
        var issued = await server.IssueAsync();
        await using var client = await server.OpenAsync(issued);
        await client.SendAsync("[0,1006,\"a\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        var session = server.Session(issued);
        for (var i = 1; i < 200; i++)
            await client.SendAsync($"[{i},1000,\"{new string('x', 500)}\"]");
        await Until.TrueAsync(() => session.Inbox.Bytes >= 4096);

        if (reset)
            client.Reset();
        else
            client.Finish();

        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_more_is_read_than_the_inbox_takes_and_nothing_is_dropped()
    {
        const int Count = 300;
        await using var server = await StartAsync(maxInflight: 1, static options => options.WebSocketServer.InboxLimit = 16 * 1024);
        var issued = await server.IssueAsync();
        await using var client = await server.OpenAsync(issued);
        await using var other = await server.OpenAsync();
        await client.SendAsync("[0,1006,\"a\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        var session = server.Session(issued);
        var sending = Task.Run(async () =>
        {
            for (var i = 1; i < Count; i++)
                await client.SendAsync($"[{i},1000,\"{new string('x', 1000)}\"]");
        });
        await Until.TrueAsync(() => session.Inbox.Bytes >= 16 * 1024);
        for (var i = 0; i < 50; i++)
        {
            await other.CallAsync("[1,1000,1]");
            Assert.InRange(session.Inbox.Bytes, 0, 20 * 1024);
        }

        server.Events.Release.SetResult();

        // In the order in which they came.
        Assert.Equal("[0,1006,\"a\"]", await client.ReceiveAsync());
        for (var i = 1; i < Count; i++)
            Assert.StartsWith($"[{i},1000,", await client.ReceiveAsync(), StringComparison.Ordinal);
        await sending;
        await Until.TrueAsync(() => session.Inbox.Bytes == 0 && session.Requests.Count == 0);
    }

    [Fact]
    public async Task Requests_that_wait_are_handled_although_their_connection_has_ended()
    {
        await using var server = await StartAsync(maxInflight: 1);
        var issued = await server.IssueAsync();
        var client = await server.OpenAsync(issued);
        await client.SendAsync("[1,1006,\"a\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        await client.SendAsync("[2,1000,2]");
        await Until.TrueAsync(() => server.Session(issued).Inbox.Bytes > 0);
        client.Finish();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));

        server.Events.Release.SetResult();

        await using var back = await server.ReconnectAsync(issued);
        Assert.Equal(["[1,1006,\"a\"]", "[2,1000,2]"], await back.ReceiveAsync(2));
    }

    [Fact]
    public async Task Requests_that_wait_when_the_server_stops_are_answered()
    {
        await using var server = await StartAsync(maxInflight: 1, static options => options.WebSocketServer.ShutdownTimeout = TimeSpan.FromSeconds(0.1));
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,1006,\"a\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        await client.SendAsync("[2,1006,\"b\"]");
        await client.SendAsync("[3,1006,\"c\"]");
        await Until.TrueAsync(() => server.Registry.Live.Single().Requests.Count == 3);

        var stopping = server.StopAsync();

        var answers = new List<string>();
        string message;
        while (!(message = await client.ReceiveAsync()).StartsWith("close", StringComparison.Ordinal))
            answers.Add(message[..9]);
        Assert.Equal(["[1,-1006,", "[2,-1006,", "[3,-1006,"], answers.Order(StringComparer.Ordinal));
        Assert.Equal("close 1001 server stops", message);
        await client.DisposeAsync();
        await stopping;
        Assert.Equal(1, server.Events.Held);
    }

    [Fact]
    public async Task A_handler_that_blocks_after_it_has_waited_holds_up_no_others()
    {
        await using var server = await StartAsync(maxInflight: 2);
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,1006,\"a\"]");
        await client.SendAsync("[2,1006,\"b\"]");
        await Until.TrueAsync(() => server.Events.Held == 2);
        await client.SendAsync("[3,1007,\"blocked\"]");
        for (var i = 4; i < 8; i++)
            await client.SendAsync($"[{i},1000,{i}]");

        // Two places: one for the request that blocks its thread, one for the others.
        await client.SendAsync("[8,6,1]");
        await client.SendAsync("[9,6,2]");

        var replies = (await client.ReceiveAsync(8)).ToHashSet(StringComparer.Ordinal);
        for (var i = 4; i < 8; i++)
            Assert.Contains($"[{i},1000,{i}]", replies);
        server.Events.Release.SetResult();
        Assert.Equal("[3,1007,\"blocked\"]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task Streams_that_are_open_keep_no_request_waiting()
    {
        await using var server = await StartAsync(maxInflight: 4);
        var issued = await server.IssueAsync();
        await using var client = await server.OpenAsync(issued);
        for (var i = 0; i < 20; i++)
            await client.SendAsync($"[\"s{i}\",{Idle},null]");
        await Until.TrueAsync(() => server.Session(issued).Requests.Streams == 20);

        for (var i = 0; i < 20; i++)
            Assert.Equal($"[{i},1000,{i}]", await client.CallAsync($"[{i},1000,{i}]"));
    }

    [Fact]
    public async Task More_streams_than_may_be_open_get_an_error_and_those_that_end_make_room()
    {
        await using var server = await StartAsync(maxInflight: 4, static options => options.WebSocketServer.MaxStreams = 3);
        var issued = await server.IssueAsync();
        await using var client = await server.OpenAsync(issued);
        var session = server.Session(issued);
        for (var i = 0; i < 3; i++)
            await client.SendAsync($"[{i},{Idle},null]");
        await Until.TrueAsync(() => session.Requests.Streams == 3);

        Assert.Equal(
            $"[3,-{Idle},\"RuntimeError('this session has 3 open streams, which is the most that it may have; end one first (option max_streams)')\"]",
            await client.CallAsync($"[3,{Idle},null]"));
        await client.SendAsync("[9,6,0]");
        await client.ReceiveAsync(3);
        await Until.TrueAsync(() => session.Requests.Streams == 2);
        Assert.Equal("[\"c\",1,[\"c\",1001,1]]", await client.CallAsync("[\"c\",1001,1]"));
        Assert.Equal("[\"c\",3,[\"c\",1001,null]]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_request_id_over_1_KiB_is_refused_and_counts_as_malformed()
    {
        await using var server = await StartAsync(maxInflight: 4, static options => options.WebSocketServer.MalformedLimit = 2);
        await using var client = await server.OpenAsync();
        // With the head of its string an id of 1024 bytes, then one of a byte more.
        var longest = new string('i', 1024 - 3);
        const string Refusal = "[null,-99,\"ValueError('the request id has 1025 bytes, more than 1024')\"]";

        Assert.Equal($"[\"{longest}\",1000,1]", await client.CallAsync($"[\"{longest}\",1000,1]"));
        Assert.Equal(Refusal, await client.CallAsync($"[\"{longest}i\",1000,1]"));
        await client.SendTextAsync($$"""{"request_id":"{{longest}}i","event_id":1000,"data":1}""");
        Assert.Contains("the request id has 1025 bytes, more than 1024", await client.ReceiveAsync(), StringComparison.Ordinal);
        await client.SendAsync($"[\"{longest}i\",1000,1]");
        var last = await client.ReceiveAsync();
        Assert.Equal("close 1008 too many malformed messages", last == Refusal ? await client.ReceiveAsync() : last);
    }

    private Task<WireServer> StartAsync(int maxInflight, Action<DuctsOptions>? configure = null) => WireServer.StartAsync(
        redis,
        options =>
        {
            options.WebSocketServer.MaxInflight = maxInflight;
            configure?.Invoke(options);
        },
        static app => app.MapEvent(Idle, "IDLE", IdleAsync));

    private static async IAsyncEnumerable<int> IdleAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield return 1;
    }
}
