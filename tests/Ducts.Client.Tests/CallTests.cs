using Ducts.MessagePack;

namespace Ducts.Client.Tests;

public sealed class CallTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_sends_three_and_gets_its_reply()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();

        var call = client.CallAsync<string>("ECHO", new { text = "hi" }, Token);
        var (id, eventId, data) = await socket.ReceiveCallAsync();
        Assert.Equal(1000, eventId);
        Assert.Equal("{\"text\":\"hi\"}", data.ToString());
        await socket.SendAsync(id, 1000, "hi back");

        Assert.Equal("hi back", await call);
        socket.Cut();
    }

    [Fact]
    public async Task Replies_may_overtake_each_other()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();

        var first = client.CallAsync<int>(1000, 1, Token);
        var second = client.CallAsync<int>(1000, 2, Token);
        var one = await socket.ReceiveCallAsync();
        var two = await socket.ReceiveCallAsync();
        Assert.Equal((1, 2), (one.Data.GetInt32(), two.Data.GetInt32()));
        await socket.SendAsync(two.RequestId, 1000, 20);
        Assert.Equal(20, await second);
        Assert.False(first.IsCompleted);
        await socket.SendAsync(one.RequestId, 1000, 10);

        Assert.Equal(10, await first);
        socket.Cut();
    }

    [Fact]
    public async Task No_data_is_null_and_a_null_reply_is_null()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();

        var call = client.CallAsync("ECHO", cancellationToken: Token);
        var request = await socket.ReceiveCallAsync();
        Assert.True(request.Data.IsNil);
        await socket.SendAsync(request.RequestId, 1000, null);

        Assert.True((await call).IsNil);
        socket.Cut();
    }

    [Fact]
    public async Task An_error_is_an_exception_with_its_name_and_message()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();

        var call = client.CallAsync("ECHO", cancellationToken: Token);
        await socket.SendAsync((await socket.ReceiveCallAsync()).RequestId, -1000, "KeyError('no such group')");

        var error = await Assert.ThrowsAsync<DuctsRemoteException>(() => call);
        Assert.Equal(("KeyError", "no such group", 1000), (error.Name, error.Message, error.EventId));
        socket.Cut();
    }

    [Fact]
    public async Task A_reply_of_another_type_says_where_it_differs()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();

        var call = client.CallAsync<int[]>("ECHO", cancellationToken: Token);
        await socket.SendAsync((await socket.ReceiveCallAsync()).RequestId, 1000, new object[] { 1, "x" });

        Assert.Equal("[1]: expected an integer, found a string", (await Assert.ThrowsAsync<FormatException>(() => call)).Message);
        socket.Cut();
    }

    [Fact]
    public async Task An_unknown_key_and_data_without_a_form_send_nothing()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);

        await Assert.ThrowsAsync<KeyNotFoundException>(() => client.CallAsync("NOWHERE", cancellationToken: Token));
        await Assert.ThrowsAsync<MessagePackWriteException>(() => client.CallAsync("ECHO", typeof(int), Token));
    }

    [Fact]
    public async Task Pieces_of_divided_replies_are_joined_also_when_they_are_mixed()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();

        var first = client.CallAsync<byte[]>("ECHO", 1, Token);
        var second = client.CallAsync<byte[]>("ECHO", 2, Token);
        var one = (await socket.ReceiveCallAsync()).RequestId;
        var two = (await socket.ReceiveCallAsync()).RequestId;
        var big = new byte[1_000_000];
        Random.Shared.NextBytes(big);
        var packedOne = PackSerializer.Serialize(new object[] { one, 1000, big });
        var packedTwo = PackSerializer.Serialize(new object[] { two, 1000, new byte[] { 7 } });
        await socket.SendAsync(one, 4, packedOne[..300_000]);
        await socket.SendAsync(two, 4, packedTwo[..2]);
        await socket.SendAsync(one, 4, packedOne[300_000..]);
        await socket.SendAsync(two, 4, packedTwo[2..]);
        await socket.SendAsync(two, 5, null);
        Assert.Equal([7], await second);
        await socket.SendAsync(one, 5, null);

        Assert.Equal(big, await first);
        socket.Cut();
    }

    [Fact]
    public async Task A_cancelled_call_tells_the_server_where_it_knows_how()
    {
        await using var server = await PlayedServer.StartAsync();
        server.Events["CANCEL"] = 101;
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var call = client.CallAsync("ECHO", cancellationToken: cancel.Token);
        var request = await socket.ReceiveCallAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        var cancelling = await socket.ReceiveCallAsync();
        Assert.Equal(101, cancelling.EventId);
        Assert.Equal(request.RequestId, cancelling.Data);
        Assert.NotEqual(request.RequestId, cancelling.RequestId);
        socket.Cut();
    }

    [Theory]
    [InlineData(-99)]
    [InlineData(-1)]
    [InlineData(-3)]
    [InlineData(-5)]
    public async Task An_error_under_an_id_of_the_protocols_own_is_the_error_of_the_request(int eventId)
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();

        var call = client.CallAsync("ECHO", cancellationToken: Token);
        await socket.SendAsync((await socket.ReceiveCallAsync()).RequestId, eventId, "ValueError('unreadable')");
        var error = await Assert.ThrowsAsync<DuctsRemoteException>(() => call);
        Assert.Equal(("ValueError", "unreadable", 1000), (error.Name, error.Message, error.EventId));
        socket.Cut();
    }

    [Fact]
    public async Task A_reply_that_cannot_be_read_fails_its_call_and_no_other()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();
        var replies = new List<Func<byte[], byte[]>>
        {
            // Data that is no MessagePack; cut off; too long; of four; no event id; a stream's without an item; a divided one's end and piece without bytes.
            id => [0x93, .. id, 0xcd, 3, 0xe8, 0xc1],
            id => [0x93, .. id, 0xcd, 3, 0xe8, 0xa5, (byte)'x'],
            id => [0x93, .. id, 0xcd, 3, 0xe8, 1, 1],
            id => [0x94, .. id, 0xcd, 3, 0xe8, 1, 1],
            id => [0x93, .. id, 0xa1, (byte)'x', 1],
            id => [0x93, .. id, 2, 0xc0],
            id => [0x93, .. id, 3, 0x93, .. id, 0xcd, 3, 0xe8, 0xc0],
            id => [0x93, .. id, 5, 0xc0],
            id => [0x93, .. id, 4, 1],
        };
        foreach (var reply in replies)
        {
            var call = client.CallAsync("ECHO", cancellationToken: Token);
            await socket.SendRawAsync(reply((await socket.ReceiveCallAsync()).RequestId.RawBytes.ToArray()));
            await Assert.ThrowsAnyAsync<Exception>(() => call.WaitAsync(Token));
        }

        var other = client.CallAsync<int>("ECHO", cancellationToken: Token);
        await socket.SendAsync((await socket.ReceiveCallAsync()).RequestId, 1000, 3);
        Assert.Equal(3, await other);
        socket.Cut();
    }

    [Fact]
    public async Task What_cannot_be_read_is_passed_over()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();

        var call = client.CallAsync<string>("ECHO", cancellationToken: Token);
        var request = await socket.ReceiveCallAsync();
        foreach (var bad in new byte[][] { [0xc1], [0x93, 1], [0x92, 1, 2], [0x93, 1, 0xa1, (byte)'x', 2], [0x93, 99, 0x01, 0x01], [5], [] })
            await socket.SendRawAsync(bad);
        await socket.SendAsync(request.RequestId, 1000, "still here");

        Assert.Equal("still here", await call);
        socket.Cut();
    }

    internal static Task<DuctsClient> ConnectAsync(PlayedServer server, Action<DuctsClientOptions>? configure = null)
    {
        var options = new DuctsClientOptions { ReconnectMinDelay = TimeSpan.FromMilliseconds(1), CloseTimeout = TimeSpan.FromMilliseconds(200) };
        configure?.Invoke(options);
        return DuctsClient.ConnectAsync(server.Discovery, options, Token);
    }
}
