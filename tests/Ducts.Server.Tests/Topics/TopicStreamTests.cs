using Ducts.Sessions;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Ducts.Topics;

namespace Ducts.Tests.Topics;

/// <summary>Topics that handlers return, over real sockets.</summary>
public sealed class TopicStreamTests(RedisFixture redis)
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task A_topic_is_streamed_as_any_other_sequence()
    {
        var topic = new Topic<object>();
        await using var server = await StartAsync(topic);
        await using var client = await FollowAsync(server, topic);

        topic.Publish("a");
        Assert.Equal("[7,1,[7,2000,\"a\"]]", await client.ReceiveAsync());
        topic.Publish(2);
        topic.Publish(new[] { 3 });
        topic.Complete();

        Assert.Equal(["[7,2,[7,2000,2]]", "[7,2,[7,2000,[3]]]", "[7,3,[7,2000,null]]"], await client.ReceiveAsync(3));
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_topic_that_is_over_is_an_empty_stream()
    {
        var topic = new Topic<object>();
        topic.Complete();
        await using var server = await StartAsync(topic);
        await using var client = await server.OpenAsync();

        await client.SendAsync("[7,2000,null]");

        Assert.Equal(["[7,1,[7,2000,null]]", "[7,3,[7,2000,null]]"], await client.ReceiveAsync(2));
    }

    [Fact]
    public async Task An_item_is_packed_once_and_all_sessions_get_all_in_order()
    {
        const int Items = 100;
        var topic = new Topic<object>();
        await using var server = await StartAsync(topic);
        var clients = new WireClient[150];
        for (var i = 0; i < clients.Length; i++)
        {
            clients[i] = await server.OpenAsync();
            await clients[i].SendAsync($"[{i},2000,null]");
        }

        await Until.TrueAsync(() => topic.SubscriberCount == clients.Length);
        var items = Enumerable.Range(1, Items).Select(static number => new Counted(number)).ToArray();
        foreach (var item in items)
            topic.Publish(item);

        for (var i = 0; i < clients.Length; i++)
        {
            var wanted = Enumerable.Range(1, Items).Select(number => $"[{i},{(number == 1 ? 1 : 2)},[{i},2000,{{\"number\":{number}}}]]");
            Assert.Equal(wanted, await clients[i].ReceiveAsync(Items));
        }

        Assert.All(items, static item => Assert.Equal(1, item.Packings));
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task Large_items_are_divided_and_small_ones_come_behind_them()
    {
        var topic = new Topic<object>();
        await using var server = await StartAsync(topic);
        await using var client = await FollowAsync(server, topic);

        topic.Publish(1);
        topic.Publish(new byte[2 * MiB]);
        topic.Publish(new byte[20_000]);
        topic.Publish(2);

        Assert.Equal("[7,1,[7,2000,1]]", await client.ReceiveAsync());
        Assert.Equal((2 * MiB) + 13, (await Pieces.JoinAsync(client, requestId: 0x07)).Length);
        Assert.Equal(20_000 + 11, (await client.ReceiveBytesAsync()).Bytes.Length);
        Assert.Equal("[7,2,[7,2000,2]]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_client_that_speaks_JSON_gets_JSON()
    {
        var topic = new Topic<object>();
        await using var server = await StartAsync(topic);
        await using var client = await server.OpenAsync();
        await client.SendTextAsync("""{"request_id":7,"event_id":2000,"data":null}""");
        await Until.TrueAsync(() => topic.SubscriberCount == 1);

        topic.Publish("a");
        topic.Publish(2);

        Assert.Equal([
                """text {"request_id":7,"event_id":1,"data":{"request_id":7,"event_id":2000,"data":"a"}}""",
                """text {"request_id":7,"event_id":2,"data":{"request_id":7,"event_id":2000,"data":2}}""",
            ], await client.ReceiveAsync(2));
    }

    [Fact]
    public async Task An_item_that_cannot_be_packed_ends_the_streams_with_an_error()
    {
        var topic = new Topic<object>();
        await using var server = await StartAsync(topic);
        await using var client = await FollowAsync(server, topic);
        topic.Publish("a");
        Assert.Equal("[7,1,[7,2000,\"a\"]]", await client.ReceiveAsync());

        topic.Publish(new Unpackable());

        Assert.Equal(["[7,2,[7,-2000,\"KeyError('no name')\"]]", "[7,3,[7,-2000,null]]"], await client.ReceiveAsync(2));
        await Until.TrueAsync(() => topic.SubscriberCount == 0);
    }

    [Fact]
    public async Task Cancelling_the_request_or_losing_the_session_unsubscribes()
    {
        var topic = new Topic<object>();
        await using var server = await StartAsync(topic);
        var issued = await server.IssueAsync();
        await using var client = await server.OpenAsync(issued);
        await client.SendAsync("[7,2000,null]");
        await client.SendAsync("[8,2000,null]");
        await Until.TrueAsync(() => topic.SubscriberCount == 2);
        topic.Publish("a");
        Assert.Equal(["[7,1,[7,2000,\"a\"]]", "[8,1,[8,2000,\"a\"]]"], (await client.ReceiveAsync(2)).Order());

        await client.SendAsync("[9,6,7]");
        Assert.Equal(["[7,3,[7,2000,null]]", "[9,6,true]"], (await client.ReceiveAsync(2)).Order());
        await Until.TrueAsync(() => topic.SubscriberCount == 1);
        topic.Publish("b");
        Assert.Equal("[8,2,[8,2000,\"b\"]]", await client.ReceiveAsync());

        await server.Registry.CloseAsync(server.Session(issued), SessionEnd.Left);
        await Until.TrueAsync(() => topic.SubscriberCount == 0);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_told_that_it_is_behind_and_holds_no_other_up()
    {
        const int Items = 3_000;
        var topic = new Topic<object>(limit: 500);
        await using var server = await StartAsync(topic);
        var issued = await server.IssueAsync();
        await using var slow = await WireClient.OpenAsync(server.Port, issued.Path, receiveBuffer: 64 * 1024);
        await using var client = await server.OpenAsync();
        await slow.SendAsync("[7,2000,null]");
        await client.SendAsync("[8,2000,null]");
        await Until.TrueAsync(() => topic.SubscriberCount == 2);
        var session = server.Session(issued);

        for (var i = 0; i < Items; i++)
        {
            topic.Publish(new byte[8_000]);
            await client.ReceiveBytesAsync();
            Assert.InRange(session.Outbox.Bytes, 0, session.Options.OutboxLimit + MiB);
        }

        var got = 0;
        byte[] message;
        while ((message = (await slow.ReceiveBytesAsync()).Bytes).Length > 8_000)
            got++;
        Assert.InRange(got, 1, Items - 500);
        Assert.Equal("[7,2,[7,-2000,\"RuntimeError('The subscriber fell more than 500 items behind.')\"]]", Packed.ToJson(message));
        Assert.Equal("[7,3,[7,-2000,null]]", await slow.ReceiveAsync());
    }

    [Fact]
    public async Task A_session_without_a_socket_gets_what_was_published_when_it_is_back()
    {
        var topic = new Topic<object>();
        await using var server = await StartAsync(topic);
        var issued = await server.IssueAsync();
        var client = await server.OpenAsync(issued);
        await client.SendAsync("[7,2000,null]");
        await Until.TrueAsync(() => topic.SubscriberCount == 1);
        topic.Publish(0);
        Assert.Equal("[7,1,[7,2000,0]]", await client.ReceiveAsync());
        await client.ConfirmAllAsync(server.Session(issued));
        client.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));

        for (var i = 1; i <= 1000; i++)
            topic.Publish(i);

        await using var back = await server.ReconnectAsync(issued);
        Assert.Equal(Enumerable.Range(1, 1000).Select(static i => $"[7,2,[7,2000,{i}]]"), await back.ReceiveAsync(1000));
    }

    [Fact]
    public async Task Handlers_that_enumerate_a_topic_get_its_values()
    {
        var topic = new Topic<object>();
        await using var server = await WireServer.StartAsync(redis, map: app => app.MapEvent(2000, "NEWS", () => Evens(topic)));
        await using var client = await FollowAsync(server, topic);

        for (var i = 1; i <= 4; i++)
            topic.Publish(i);
        topic.Complete();

        Assert.Equal(["[7,1,[7,2000,2]]", "[7,2,[7,2000,4]]", "[7,3,[7,2000,null]]"], await client.ReceiveAsync(3));
    }

    private Task<WireServer> StartAsync(Topic<object> topic) =>
        WireServer.StartAsync(redis, map: app => app.MapEvent(2000, "NEWS", () => topic.Subscribe()));

    private static async Task<WireClient> FollowAsync(WireServer server, Topic<object> topic)
    {
        var client = await server.OpenAsync();
        await client.SendAsync("[7,2000,null]");
        await Until.TrueAsync(() => topic.SubscriberCount == 1);
        return client;
    }

    private static async IAsyncEnumerable<int> Evens(Topic<object> topic)
    {
        await foreach (var item in topic.Subscribe())
        {
            if (item is int number && number % 2 == 0)
                yield return number;
        }
    }

    private sealed class Counted(int number)
    {
        private int _packings;

        public int Number
        {
            get
            {
                Interlocked.Increment(ref _packings);
                return number;
            }
        }

        [System.Text.Json.Serialization.JsonIgnore]
        public int Packings => Volatile.Read(ref _packings);
    }

    private sealed class Unpackable
    {
        public string Name => throw new KeyNotFoundException("no name");
    }
}
