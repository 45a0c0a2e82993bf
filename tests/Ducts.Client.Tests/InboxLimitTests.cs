using Ducts.MessagePack;

namespace Ducts.Client.Tests;

/// <summary>How much a client of version 2 of the protocol sends before the server has confirmed it.</summary>
public sealed class InboxLimitTests : PlayedTests
{
    protected override long InboxLimit => 1000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_sent_at_the_limit_waits_in_order_until_the_server_confirms(bool byAnswer)
    {
        var socket = await OpenAsync();
        var first = Client.CallAsync<string>("ECHO", Text(1000), Token);
        var second = Client.CallAsync<string>("ECHO", Text(901), Token);
        var third = Client.SendAsync("ECHO", "small", Token);
        var request = await socket.ReceiveCallAsync();
        Assert.Equal(1000, request.Data.GetString()!.Length);
        // Nothing else has come meanwhile.
        Assert.False(third.IsCompleted);
        if (byAnswer)
            await socket.EchoAsync(request);
        else
            await socket.SendAsync(null, 7, 1);

        var next = await socket.ReceiveCallAsync();
        Assert.Equal(901, next.Data.GetString()!.Length);
        Assert.Equal("small", (await socket.ReceiveCallAsync()).Data.GetString());
        await third;
        if (!byAnswer)
            await socket.EchoAsync(request);
        await socket.EchoAsync(next);
        Assert.Equal([1000, 901], (await Task.WhenAll(first, second)).Select(static text => text!.Length));
        socket.Cut();
    }

    [Fact]
    public async Task A_call_that_is_cancelled_while_it_waits_is_never_sent_and_needs_no_cancel()
    {
        var socket = await OpenAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var first = Client.CallAsync("ECHO", Text(1000), Token);
        var waiting = Client.CallAsync("ECHO", Text(901), cancel.Token);
        var message = Client.SendAsync("ECHO", Text(902), cancel.Token);
        var last = Client.CallAsync<string>("ECHO", "last", Token);
        await socket.ReceiveCallAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => message);
        await socket.SendAsync(null, 7, 1);

        var request = await socket.ReceiveCallAsync();
        Assert.Equal((1000, "last"), (request.EventId, request.Data.ToString().Trim('"')));
        await socket.EchoAsync(request);
        Assert.Equal("last", await last);
        Assert.False(first.IsCompleted);
        socket.Cut();
    }

    [Fact]
    public async Task Cancel_credit_and_end_pass_what_waits()
    {
        var socket = await OpenAsync(options => options.StreamWindow = 1);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var items = Client.StreamAsync("COUNT", cancellationToken: Token).GetAsyncEnumerator(Token);
        var move = items.MoveNextAsync();
        Assert.Equal(9, (await socket.ReceiveCallAsync()).EventId);
        var stream = await socket.ReceiveCallAsync();
        var first = Client.CallAsync("ECHO", Text(1000), cancel.Token);
        var request = await socket.ReceiveCallAsync();
        var waiting = Client.CallAsync("ECHO", Text(1000), Token);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var cancelling = await socket.ReceiveCallAsync();
        Assert.Equal((6, request.RequestId), (cancelling.EventId, cancelling.Data));
        // The item does not confirm what was sent after its request.
        await socket.SendItemAsync(stream.RequestId, 1, 1001, 1);
        Assert.True(await move);
        Assert.Equal(9, (await socket.ReceiveCallAsync()).EventId);
        var ending = Client.CloseAsync(Token);
        var end = await socket.ReceiveCallAsync();
        Assert.Equal(12, end.EventId);
        await socket.SendAsync(end.RequestId, 12, true);
        await ending;
        await Assert.ThrowsAsync<DuctsConnectionException>(() => waiting);
        socket.Cut();
    }

    [Fact]
    public async Task A_message_may_begin_below_the_limit_and_be_larger_than_it()
    {
        var socket = await OpenAsync();
        var first = Client.CallAsync<string>("ECHO", Text(900), Token);
        var large = Client.CallAsync<string>("ECHO", Text(5000), Token);
        var behind = Client.CallAsync<string>("ECHO", Text(1), Token);
        foreach (var length in new[] { 900, 5000 })
        {
            var request = await socket.ReceiveCallAsync();
            Assert.Equal((1000, length), (request.EventId, request.Data.GetString()!.Length));
        }

        // The receipt of the client shows that it has taken this one, which leaves too much.
        await socket.SendAsync(null, 7, 1);
        await socket.SendAsync(null, 2000, 0);
        Assert.Equal(1, await socket.ReceiveReceiptAsync());
        Assert.False(behind.IsCompleted);
        await socket.SendAsync(null, 7, 2);
        var last = await socket.ReceiveCallAsync();
        Assert.Equal((1000, 1), (last.EventId, last.Data.GetString()!.Length));
        await socket.EchoAsync(last);
        Assert.Equal(1, (await behind)!.Length);
        Assert.False(first.IsCompleted || large.IsCompleted);
        socket.Cut();
    }

    [Fact]
    public async Task What_welcome_confirms_holds_up_the_rest_until_a_receipt_confirms_it()
    {
        var socket = await OpenAsync();
        var first = Client.CallAsync("ECHO", Text(1000), Token);
        var waiting = Client.SendAsync("ECHO", "behind", Token);
        await socket.ReceiveCallAsync();
        socket.Cut();

        var next = await WelcomeNextAsync(received: 1);
        // Its receipt shows that the client has gone on, and sent nothing but that.
        await next.SendAsync(null, 2000, 0);
        Assert.Equal(1, await next.ReceiveReceiptAsync());
        Assert.False(waiting.IsCompleted);
        await next.SendAsync(null, 7, 1);
        var request = await next.ReceiveCallAsync();
        Assert.Equal((1000, "behind"), (request.EventId, request.Data.GetString()));
        await waiting;
        Assert.False(first.IsCompleted);
        next.Cut();
    }

    [Fact]
    public async Task What_waited_for_room_goes_into_the_next_session_when_its_own_is_over()
    {
        var socket = await OpenAsync();
        var first = Client.CallAsync("ECHO", Text(1000), Token);
        var waiting = Client.CallAsync<string>("ECHO", Text(901), Token);
        await socket.ReceiveCallAsync();
        await CloseAsync(socket, 4005);
        await Assert.ThrowsAsync<DuctsConnectionException>(() => first);

        var next = await WelcomeNextAsync();
        var request = await next.ReceiveCallAsync();
        Assert.Equal(901, request.Data.GetString()!.Length);
        await next.EchoAsync(request);
        Assert.Equal(901, (await waiting)!.Length);
        next.Cut();
    }

    protected override void Configure(DuctsClientOptions options) => options.AliveMonitoring = false;

    private static string Text(int length) => new('x', length);
}
