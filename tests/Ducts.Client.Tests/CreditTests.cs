using Ducts.MessagePack;

namespace Ducts.Client.Tests;

/// <summary>The windows of streams in version 2 of the protocol.</summary>
public sealed class CreditTests : PlayedTests
{
    [Fact]
    public async Task A_stream_has_a_window_of_256_items_which_is_given_back_as_its_reader_reads()
    {
        var socket = await OpenAsync();
        await using var items = Client.StreamAsync<int>("COUNT", cancellationToken: Token).GetAsyncEnumerator(Token);
        var move = items.MoveNextAsync();
        var id = await ReceiveStreamAsync(socket, 256);

        await socket.SendItemAsync(id, 1, 1001, 1);
        for (var i = 2; i <= 256; i++)
            await socket.SendItemAsync(id, 2, 1001, i);
        Assert.True(await move);
        for (var i = 2; i <= 127; i++)
            Assert.True(await items.MoveNextAsync());
        // Nothing has been given back so far: the call comes first.
        var call = Client.CallAsync<int>("ECHO", 5, Token);
        await socket.EchoAsync(await socket.ReceiveCallAsync());
        Assert.Equal(5, await call);
        Assert.True(await items.MoveNextAsync());
        Assert.Equal(128, items.Current);
        await AssertCreditAsync(socket, id, 128);
        socket.Cut();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task A_reader_that_has_read_everything_is_never_left_without_credit(int window)
    {
        var socket = await OpenAsync(options => options.StreamWindow = window);
        var read = CountAsync(Client.StreamAsync<int>("COUNT", cancellationToken: Token));
        var id = await ReceiveStreamAsync(socket, window);
        var credit = window;
        for (var i = 0; i < 50; i++)
        {
            while (credit == 0)
                credit += await ReceiveCreditAsync(socket, id);
            credit--;
            await socket.SendItemAsync(id, i == 0 ? 1 : 2, 1001, i);
        }

        await socket.SendItemAsync(id, 3, 1001, null);
        Assert.Equal(50, await read);
        socket.Cut();
    }

    [Fact]
    public async Task A_first_item_of_null_gives_its_credit_back_at_once_and_only_once()
    {
        var socket = await OpenAsync(options => options.StreamWindow = 2);
        await using var items = Client.StreamAsync<int?>("COUNT", cancellationToken: Token).GetAsyncEnumerator(Token);
        var move = items.MoveNextAsync();
        var id = await ReceiveStreamAsync(socket, 2);
        await socket.SendItemAsync(id, 1, 1001, null);
        await AssertCreditAsync(socket, id, 1);
        Assert.False(move.IsCompleted);

        await socket.SendItemAsync(id, 2, 1001, 2);
        Assert.True(await move);
        Assert.Null(items.Current);
        Assert.True(await items.MoveNextAsync());
        Assert.Equal(2, items.Current);
        await AssertCreditAsync(socket, id, 1);
        socket.Cut();
    }

    [Fact]
    public async Task A_credit_and_its_request_are_sent_again_together()
    {
        var socket = await OpenAsync();
        var read = CountAsync(Client.StreamAsync<int>("COUNT", cancellationToken: Token));
        var call = Client.CallAsync("ECHO", cancellationToken: Token);
        await ReceiveStreamAsync(socket, 256);
        await socket.ReceiveCallAsync();
        socket.Cut();

        var next = await WelcomeNextAsync(received: 1);
        var id = await ReceiveStreamAsync(next, 256);
        await next.EchoAsync(await next.ReceiveCallAsync());
        await call;
        await next.SendItemAsync(id, 1, 1001, 1);
        await next.SendItemAsync(id, 3, 1001, null);
        Assert.Equal(1, await read);
        next.Cut();
    }

    [Fact]
    public async Task A_call_has_no_window_and_a_stream_that_has_ended_gets_no_credit()
    {
        var socket = await OpenAsync(options => options.StreamWindow = 1);
        var read = CountAsync(Client.StreamAsync<int>("COUNT", cancellationToken: Token));
        var id = await ReceiveStreamAsync(socket, 1);
        await socket.SendAsync(id, 1001, 5);
        Assert.Equal(1, await read);

        var call = Client.CallAsync("ECHO", cancellationToken: Token);
        var request = await socket.ReceiveCallAsync();
        Assert.Equal(1000, request.EventId);
        await socket.EchoAsync(request);
        await call;
        socket.Cut();
    }

    [Fact]
    public async Task A_server_of_version_1_gets_no_credit()
    {
        await StartAsync(speaksVersion2: false);
        await using var client = await ReconnectTests.ConnectAsync(Server, options => options.StreamWindow = 1);
        var socket = await Server.NextSocketAsync();
        var read = CountAsync(client.StreamAsync<int?>("COUNT", cancellationToken: Token));
        var request = await socket.ReceiveCallAsync();
        Assert.Equal(1001, request.EventId);
        await socket.SendItemAsync(request.RequestId, 1, 1001, null);
        await socket.SendItemAsync(request.RequestId, 2, 1001, 2);
        await socket.SendItemAsync(request.RequestId, 3, 1001, null);
        Assert.Equal(2, await read);
        var call = client.CallAsync("ECHO", cancellationToken: Token);
        Assert.Equal(1000, (request = await socket.ReceiveCallAsync()).EventId);
        await socket.EchoAsync(request);
        await call;
        socket.Cut();
    }

    [Fact]
    public void A_window_has_at_least_one_item() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => new DuctsClientOptions { StreamWindow = 0 });

    private static async Task<MessagePackElement> ReceiveStreamAsync(PlayedSocket socket, int window)
    {
        var credit = await socket.ReceiveCallAsync();
        Assert.Equal((true, 9), (credit.RequestId.IsNil, credit.EventId));
        Assert.Equal(window, credit.Data.GetProperty("credit").GetInt32());
        var request = await socket.ReceiveCallAsync();
        Assert.Equal((1001, credit.Data.GetProperty("id")), (request.EventId, request.RequestId));
        return request.RequestId;
    }

    private static async Task<int> ReceiveCreditAsync(PlayedSocket socket, MessagePackElement id)
    {
        var credit = await socket.ReceiveCallAsync();
        Assert.Equal((9, id), (credit.EventId, credit.Data.GetProperty("id")));
        return credit.Data.GetProperty("credit").GetInt32();
    }

    private static async Task AssertCreditAsync(PlayedSocket socket, MessagePackElement id, int credit) =>
        Assert.Equal(credit, await ReceiveCreditAsync(socket, id));

    private static async Task<int> CountAsync<T>(IAsyncEnumerable<T> items)
    {
        var count = 0;
        await foreach (var item in items)
            count++;
        return count;
    }
}
