using Ducts.MessagePack;

namespace Ducts.Client.Tests;

public sealed class StreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_come_in_order_until_the_end()
    {
        Assert.Equal([1, 2, 3], await PlayAsync(async (socket, id) =>
        {
            await socket.SendItemAsync(id, 1, 1001, 1);
            await socket.SendItemAsync(id, 2, 1001, 2);
            await socket.SendItemAsync(id, 2, 1001, 3);
            await socket.SendItemAsync(id, 3, 1001, null);
        }));
    }

    [Fact]
    public async Task A_null_before_other_items_is_an_item()
    {
        Assert.Equal([null, 2], await PlayAsync(async (socket, id) =>
        {
            await socket.SendItemAsync(id, 1, 1001, null);
            await socket.SendItemAsync(id, 2, 1001, 2);
            await socket.SendItemAsync(id, 3, 1001, null);
        }));
    }

    [Fact]
    public async Task An_empty_stream_has_no_item()
    {
        Assert.Empty(await PlayAsync(async (socket, id) =>
        {
            await socket.SendItemAsync(id, 1, 1001, null);
            await socket.SendItemAsync(id, 3, 1001, null);
        }));
    }

    [Fact]
    public async Task A_plain_reply_is_the_only_item()
    {
        Assert.Equal([5], await PlayAsync((socket, id) => socket.SendAsync(id, 1001, 5)));
    }

    [Fact]
    public async Task An_error_before_the_first_item_is_thrown()
    {
        var error = await Assert.ThrowsAsync<DuctsRemoteException>(() => PlayAsync((socket, id) => socket.SendAsync(id, -1001, "ValueError('x')")));
        Assert.Equal("ValueError", error.Name);
    }

    [Fact]
    public async Task An_error_later_is_thrown_after_the_items_before_it()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server);
        var socket = await server.NextSocketAsync();
        await using var items = client.StreamAsync<int>("COUNT").GetAsyncEnumerator(Token);

        var move = items.MoveNextAsync();
        var id = (await socket.ReceiveCallAsync()).RequestId;
        await socket.SendItemAsync(id, 1, 1001, 1);
        await socket.SendItemAsync(id, 2, -1001, "RuntimeError('half-way')");
        await socket.SendItemAsync(id, 3, -1001, null);

        Assert.True(await move);
        Assert.Equal(1, items.Current);
        var error = await Assert.ThrowsAsync<DuctsRemoteException>(async () => await items.MoveNextAsync());
        Assert.Equal(("half-way", 1001), (error.Message, error.EventId));
        socket.Cut();
    }

    [Fact]
    public async Task A_stream_whose_end_says_that_it_failed_is_not_taken_for_whole()
    {
        await Assert.ThrowsAsync<DuctsRemoteException>(() => PlayAsync(async (socket, id) =>
        {
            await socket.SendItemAsync(id, 1, 1001, 1);
            await socket.SendItemAsync(id, 3, -1001, null);
        }));
    }

    [Fact]
    public async Task A_call_of_an_event_that_streams_says_so_and_cancels_it()
    {
        await using var server = await PlayedServer.StartAsync();
        server.Events["CANCEL"] = 101;
        await using var client = await CallTests.ConnectAsync(server);
        var socket = await server.NextSocketAsync();

        var call = client.CallAsync("COUNT", cancellationToken: Token);
        var id = (await socket.ReceiveCallAsync()).RequestId;
        await socket.SendItemAsync(id, 1, 1001, 1);

        Assert.Contains("StreamAsync", (await Assert.ThrowsAsync<InvalidOperationException>(() => call)).Message, StringComparison.Ordinal);
        Assert.Equal(id, (await socket.ReceiveCallAsync()).Data);
        socket.Cut();
    }

    [Fact]
    public async Task Leaving_a_stream_early_cancels_it()
    {
        await using var server = await PlayedServer.StartAsync();
        server.Events["CANCEL"] = 101;
        await using var client = await CallTests.ConnectAsync(server);
        var socket = await server.NextSocketAsync();

        var reading = FirstAsync(client.StreamAsync<int>("COUNT", cancellationToken: Token));
        var id = (await socket.ReceiveCallAsync()).RequestId;
        await socket.SendItemAsync(id, 1, 1001, 7);
        Assert.Equal(7, await reading);

        var cancelling = await socket.ReceiveCallAsync();
        Assert.Equal((101, id), (cancelling.EventId, cancelling.Data));
        await socket.SendItemAsync(id, 2, 1001, 8);
        socket.Cut();
    }

    [Fact]
    public async Task A_stream_that_the_server_breaks_off_throws_after_its_items()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server);
        var socket = await server.NextSocketAsync();
        await using var items = client.StreamAsync<int>("COUNT").GetAsyncEnumerator(Token);

        var move = items.MoveNextAsync();
        var id = (await socket.ReceiveCallAsync()).RequestId;
        await socket.SendItemAsync(id, 1, 1001, 1);
        await socket.SendItemAsync(id, 2, 1001, 2);
        await socket.SendItemAsync(id, 2, -1001, "ConnectionError('the server is stopping')");
        await socket.SendItemAsync(id, 3, -1001, null);

        Assert.True(await move);
        Assert.True(await items.MoveNextAsync());
        Assert.Equal(2, items.Current);
        var error = await Assert.ThrowsAsync<DuctsRemoteException>(async () => await items.MoveNextAsync());
        Assert.Equal(("ConnectionError", "the server is stopping"), (error.Name, error.Message));
        socket.Cut();
    }

    private static async Task<int> FirstAsync(IAsyncEnumerable<int> items)
    {
        await foreach (var item in items)
            return item;
        throw new InvalidOperationException("empty");
    }

    private static async Task<List<int?>> PlayAsync(Func<PlayedSocket, MessagePackElement, Task> play)
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server);
        var socket = await server.NextSocketAsync();
        var items = ReadAsync(client.StreamAsync<int?>("COUNT", new { to = 3 }, Token));
        var request = await socket.ReceiveCallAsync();
        Assert.Equal(1001, request.EventId);
        await play(socket, request.RequestId);
        try
        {
            return await items;
        }
        finally
        {
            socket.Cut();
        }
    }

    private static async Task<List<int?>> ReadAsync(IAsyncEnumerable<int?> items)
    {
        var list = new List<int?>();
        await foreach (var item in items)
            list.Add(item);
        return list;
    }
}
