using Ducts.Protocol;
using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

/// <summary>Opening a session by HELLO, the first message of its client.</summary>
public sealed class HelloTests(RedisFixture redis) : ResumingTests(redis)
{
    [Fact]
    public async Task A_hello_opens_a_session_and_calls_are_answered()
    {
        var client = await OpenAsync();
        Assert.Equal((0L, false), (client.Received, client.IsLost));
        Assert.NotEmpty(client.Life);
        Assert.Equal("[1,1000,\"a\"]", await client.CallAsync("[1,1000,\"a\"]"));
    }

    [Fact]
    public async Task Both_addresses_mean_the_same()
    {
        await StartAsync();
        var wire = await ConnectAsync(Issued.ReconnectPath);
        await wire.SendAsync(ResumingClient.HelloOf(Issued));
        Assert.StartsWith("[null,8,{\"received\":0,", await wire.ReceiveAsync(), StringComparison.Ordinal);
        var next = await ResumeAsync(attempt: 2);
        Assert.False(next.IsLost);
        Assert.Equal("close 4001 replaced", await wire.ReceiveAsync());
    }

    [Fact]
    public async Task A_client_that_writes_JSON_is_answered_in_JSON()
    {
        await StartAsync();
        var wire = await ConnectAsync(Issued.Path);
        await wire.SendTextAsync("""{"request_id":null,"event_id":13,"data":{"key":"KEY","received":0,"attempt":1}}""".Replace("KEY", Issued.Key, StringComparison.Ordinal));
        Assert.StartsWith("""text {"request_id":null,"event_id":8,"data":{"received":0,""", await wire.ReceiveAsync(), StringComparison.Ordinal);
        await wire.SendTextAsync("""{"request_id":null,"event_id":9,"data":{"id":"s","credit":1}}""");
        await wire.SendTextAsync("""{"request_id":"s","event_id":1001,"data":3}""");
        Assert.Equal("""text {"request_id":"s","event_id":1,"data":{"request_id":"s","event_id":1001,"data":1}}""", await wire.ReceiveAsync());
        await wire.SendTextAsync("""{"request_id":"e","event_id":1000,"data":null}""");
        Assert.Equal("""text {"request_id":"e","event_id":1000,"data":null}""", await wire.ReceiveAsync());
        await wire.SendTextAsync("""{"request_id":null,"event_id":9,"data":{"id":"s","credit":9}}""");
        Assert.Equal("""text {"request_id":"s","event_id":2,"data":{"request_id":"s","event_id":1001,"data":2}}""", await wire.ReceiveAsync());
    }

    [Theory]
    [InlineData("[1,1000,1]")]
    [InlineData("[null,13,null]")]
    [InlineData("[null,13,{}]")]
    [InlineData("[null,13,{\"key\":\"KEY\",\"received\":-1,\"attempt\":1}]")]
    [InlineData("[null,13,{\"key\":\"KEY\",\"received\":0.5,\"attempt\":1}]")]
    [InlineData("[null,13,{\"key\":\"KEY\",\"received\":0,\"attempt\":0}]")]
    [InlineData("[null,13,{\"key\":\"KEY\",\"received\":0}]")]
    [InlineData("[null,13,{\"key\":7,\"received\":0,\"attempt\":1}]")]
    [InlineData("[null,13,{\"key\":\"KEY\",\"received\":0,\"attempt\":1,\"life\":\"LONG\"}]")]
    [InlineData("{\"a\":1}")]
    public async Task What_is_no_hello_is_closed_and_opens_nothing(string message)
    {
        await StartAsync();
        Assert.Equal("close 1002 the first message is not HELLO", await SayAsync(message.Replace("LONG", new string('l', 65), StringComparison.Ordinal)));
        Assert.Equal(0, Server.Registry.Count);
        var next = await ResumeAsync();
        Assert.Equal(0, next.Received);
    }

    [Fact]
    public async Task Names_of_hello_come_in_any_order_and_others_are_ignored()
    {
        await StartAsync();
        var first = await SayAsync("""[null,13,{"x":[1,{"y":2}],"attempt":1.0,"life":null,"received":0,"key":"KEY"}]""");
        Assert.StartsWith("[null,8,", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_closed()
    {
        await StartAsync(static options => options.WebSocketServer.HelloTimeout = TimeSpan.FromSeconds(0.1));
        var wire = await ConnectAsync(Issued.Path);
        Assert.Equal("close 1002 the first message is not HELLO", await wire.ReceiveAsync());
    }

    [Fact]
    public async Task A_first_message_that_is_large_is_closed()
    {
        await StartAsync();
        // But for its size, it is a HELLO.
        var first = await SayAsync($"[null,13,{{\"key\":\"KEY\",\"received\":0,\"attempt\":1,\"x\":\"{new string('x', 5000)}\"}}]");
        Assert.Equal("close 1002 the first message is not HELLO", first);
    }

    [Fact]
    public async Task A_wrong_key_gets_4005_and_touches_nothing()
    {
        var client = await OpenAsync();
        var wrong = Issued with { Key = Convert.ToBase64String(new byte[32]) };
        await using var stranger = await ResumingClient.AskAsync(Server.Port, wrong, ResumingClient.HelloOf(wrong, attempt: 9));
        Assert.Equal("close 4005 there is no such session", stranger.First);
        Assert.Equal("[1,1000,\"a\"]", await client.CallAsync("[1,1000,\"a\"]"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_address_alone_neither_opens_nor_ends_a_session_that_has_its_key(bool reconnects)
    {
        var client = await OpenAsync();
        await using var old = await WireClient.AskAsync(Server.Port, reconnects ? Issued.ReconnectPath : Issued.Path);
        Assert.Equal(403, old.Status);
        Assert.Equal("[1,1000,\"a\"]", await client.CallAsync("[1,1000,\"a\"]"));
    }

    [Fact]
    public async Task A_session_that_was_opened_without_its_key_refuses_hello()
    {
        await StartAsync();
        await using var old = await Server.OpenAsync(Issued);
        Assert.Equal("close 4005 there is no such session", await SayHelloAsync());
        Assert.Equal("[1,1000,\"a\"]", await old.CallAsync("[1,1000,\"a\"]"));
    }

    [Fact]
    public async Task A_handler_that_refuses_the_session_closes_with_1008()
    {
        var script = new HookScript { Connected = static (_, _) => throw new EventException(ErrorNames.Permission, "not you") };
        await StartAsync(script: script);
        Assert.Equal("close 1008 refused", await SayHelloAsync());
        await UntilEndedAsync();
    }
}
