using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

/// <summary>What clients of version 1 are told of bytes that may have arrived in part: an error, for nothing of them is sent twice.</summary>
public sealed class InterruptedTests(RedisFixture redis) : ReconnectingTests(redis)
{
    [Fact]
    public async Task A_stream_of_bytes_that_may_not_have_begun_ends_with_an_error_of_the_call_too()
    {
        await OpenAsync();
        await Client.SendAsync("[1,1009,[10,20]]");
        Assert.StartsWith("[1,1,[1,1009,", await Client.ReceiveAsync(), StringComparison.Ordinal);
        await ReconnectAsync();
        Assert.Equal([$"[1,-1009,\"{Interrupted}\"]", $"[1,2,[1,-1009,\"{Interrupted}\"]]", "[1,3,[1,-1009,null]]"], await Client.ReceiveAsync(3));
        Assert.Equal("[2,1000,2]", await Client.CallAsync("[2,1000,2]"));
    }

    [Fact]
    public async Task A_stream_of_bytes_of_which_the_beginning_is_confirmed_ends_with_an_error()
    {
        await OpenAsync();
        Client.AnswersPings = false;
        await Client.SendAsync("[1,1009,[10,20]]");
        await Client.ReceiveAsync(3);
        await Client.ConfirmAsync(1);
        await Until.TrueAsync(() => Session.Outbox.Confirmed == 1);
        await ReconnectAsync();
        Assert.Equal([$"[1,2,[1,-1009,\"{Interrupted}\"]]", "[1,3,[1,-1009,null]]"], await Client.ReceiveAsync(2));
        Assert.Equal("[2,1000,2]", await Client.CallAsync("[2,1000,2]"));
    }

    [Fact]
    public async Task A_stream_of_bytes_whose_items_are_confirmed_goes_on()
    {
        await OpenAsync();
        Client.AnswersPings = false;
        await Client.SendAsync("[1,1009,[10,20]]");
        await Client.ReceiveAsync(3);
        await Client.ConfirmAsync(2);
        await Until.TrueAsync(() => Session.Outbox.Confirmed == 2);
        await ReconnectAsync();
        Assert.Equal("[1,3,[1,1009,null]]", await Client.ReceiveAsync());
    }

    [Fact]
    public async Task A_stream_of_bytes_that_runs_is_stopped_and_nothing_of_it_follows_its_end()
    {
        await OpenAsync(static options => options.WebSocketServer.OutboxLimit = 1024 * 1024);
        Client.AnswersPings = false;
        await Client.SendAsync("[2,1001,3]");
        var seen = await Client.ReceiveAsync(4);
        await Client.SendAsync("[1,1008,[1000000,1000]]");
        await Until.TrueAsync(() => Session.Sent > 100);
        await ReconnectAsync();
        var again = new List<string>();
        while (again.Count < 7 && await Client.ReceiveAsync() is var message)
            again.Add(message.Length > 80 ? "bytes" : message);
        // What belongs to others comes as it was, in its place.
        Assert.Equal(seen, again.Where(static message => message[1] == '2'));
        Assert.Equal([$"[1,-1008,\"{Interrupted}\"]", $"[1,2,[1,-1008,\"{Interrupted}\"]]", "[1,3,[1,-1008,null]]"], again.Where(static message => message[1] == '1'));
        await Until.TrueAsync(() => Session.Requests.Count == 0);
        var produced = Server.Events.Produced;
        Assert.Equal("[3,1000,3]", await Client.CallAsync("[3,1000,3]"));
        Assert.InRange(produced, 1, 900_000);
        Assert.Equal(produced, Server.Events.Produced);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_divided_reply_of_which_pieces_are_in_doubt_ends_with_an_error(bool isWhole)
    {
        await OpenAsync(static options => options.WebSocketServer.DivideThreshold = 1000);
        await Client.SendAsync("[1,1005,20000]");
        for (var isEnd = false; !isEnd;)
        {
            var (_, message) = await Client.ReceiveBytesAsync();
            isEnd = message[2] == 5 || !isWhole;
        }

        await ReconnectAsync();
        Assert.Equal($"[1,-1005,\"{Interrupted}\"]", await Client.ReceiveAsync());
        await Until.TrueAsync(() => Session.Requests.Count == 0);
        Assert.Equal("[2,1000,2]", await Client.CallAsync("[2,1000,2]"));
    }

    [Fact]
    public async Task A_divided_item_in_doubt_ends_its_stream_after_the_items_before_it()
    {
        await OpenAsync(static options => options.WebSocketServer.DivideThreshold = 1000);
        Client.AnswersPings = false;
        await Client.SendAsync("[1,1016,[10,3000]]");
        Assert.StartsWith("[1,1,[1,1016,\"", await Client.ReceiveAsync(), StringComparison.Ordinal);
        await Client.ReceiveBytesAsync();
        await ReconnectAsync();
        Assert.StartsWith("[1,1,[1,1016,\"", await Client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal([$"[1,2,[1,-1016,\"{Interrupted}\"]]", "[1,3,[1,-1016,null]]"], await Client.ReceiveAsync(2));
        Assert.Equal("[2,1000,2]", await Client.CallAsync("[2,1000,2]"));
    }

    [Fact]
    public async Task A_divided_reply_in_text_ends_with_an_error_in_text()
    {
        await OpenAsync(static options => options.WebSocketServer.DivideThreshold = 1000);
        await Client.SendTextAsync("""{"request_id":"a","event_id":1013,"data":5000}""");
        Assert.Contains("\"event_id\":4", await Client.ReceiveAsync(), StringComparison.Ordinal);
        await ReconnectAsync();
        Assert.Equal($$"""text {"request_id":"a","event_id":-1013,"data":"{{Interrupted}}"}""", await Client.ReceiveAsync());
    }

    [Fact]
    public async Task No_piece_follows_the_end_of_an_interrupted_stream()
    {
        await OpenAsync(static options => options.WebSocketServer.DivideThreshold = 1000);
        Client.AnswersPings = false;
        await Client.SendAsync("[1,1009,[10,20,10000000]]");
        Assert.StartsWith("[1,1,[1,1009,", await Client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.StartsWith("[1,2,[1,1009,", await Client.ReceiveAsync(), StringComparison.Ordinal);
        await ReconnectAsync();
        Assert.Equal([$"[1,-1009,\"{Interrupted}\"]", $"[1,2,[1,-1009,\"{Interrupted}\"]]", "[1,3,[1,-1009,null]]"], await Client.ReceiveAsync(3));
        await Until.TrueAsync(() => Session.Requests.Count == 0);
        Assert.Equal("[2,1000,2]", await Client.CallAsync("[2,1000,2]"));
    }
}
