using System.Net.WebSockets;
using System.Threading.Channels;
using Ducts.MessagePack;

namespace Ducts.Client.Tests;

/// <summary>The client and a server of version 2 of the protocol: opening, losing and regaining the connection.</summary>
public sealed class ResumptionTests : PlayedTests
{
    [Fact]
    public async Task Hello_opens_the_session_and_nothing_is_sent_before_welcome()
    {
        await StartAsync();
        var connecting = ReconnectTests.ConnectAsync(Server);
        var socket = await Server.NextSocketAsync();
        Assert.Equal("{\"key\":\"the key\",\"received\":0,\"attempt\":1}", (await socket.ReceiveHelloAsync()).ToString());
        Assert.Equal("?v=2", Server.SocketQuery);
        Assert.False(connecting.IsCompleted);

        await socket.SendWelcomeAsync();
        await using var client = await connecting;
        Assert.Equal(0, (await socket.ReceiveAsync())!.Value.EventId);
        var call = client.CallAsync<string>("ECHO", "hi", Token);
        await socket.EchoAsync(await socket.ReceiveCallAsync());
        Assert.Equal("hi", await call);
        socket.Cut();
    }

    [Fact]
    public async Task What_the_server_has_not_received_is_sent_again_and_what_has_been_processed_is_not()
    {
        var socket = await OpenAsync();
        var calls = Enumerable.Range(0, 4).Select(i => Client.CallAsync<int>("ECHO", i, Token)).ToList();
        var requests = new List<(MessagePackElement RequestId, int EventId, MessagePackElement Data)>();
        for (var i = 0; i < 4; i++)
            requests.Add(await socket.ReceiveCallAsync());
        await socket.EchoAsync(requests[0]);
        Assert.Equal(0, await calls[0]);
        socket.Cut();

        // ALIVE_MONITORING was the first message.
        var next = await Server.NextSocketAsync();
        Assert.Equal("{\"key\":\"the key\",\"received\":1,\"life\":\"life\",\"attempt\":2}", (await next.ReceiveHelloAsync()).ToString());
        await next.SendWelcomeAsync(received: 3);
        var third = await next.ReceiveAsync();
        Assert.Equal((requests[2].RequestId, 2), (third!.Value.RequestId, third.Value.Data.GetInt32()));
        Assert.Equal(requests[3].RequestId, (await next.ReceiveAsync())!.Value.RequestId);
        foreach (var request in requests.Skip(1).Reverse())
            await next.EchoAsync(request);

        Assert.Equal((int[])[1, 2, 3], await Task.WhenAll(calls.Skip(1)));
        Assert.Equal(1, Server.Discoveries);
        next.Cut();
    }

    [Fact]
    public async Task A_welcome_that_is_lost_is_asked_for_again_without_a_life()
    {
        await StartAsync();
        var connecting = ReconnectTests.ConnectAsync(Server);
        var socket = await NextSocketAsync();
        socket.Cut();
        var next = await Server.NextSocketAsync();
        Assert.Equal("{\"key\":\"the key\",\"received\":0,\"attempt\":2}", (await next.ReceiveHelloAsync()).ToString());
        await next.SendWelcomeAsync();
        await using var client = await connecting;
        Assert.Equal(1, Server.Discoveries);
        next.Cut();
    }

    [Fact]
    public async Task A_session_that_had_to_begin_anew_fails_what_was_sent_and_goes_on_with_what_was_not()
    {
        var socket = await OpenAsync();
        var changes = ReconnectTests.Watch(Client);
        var sent = Client.CallAsync("ECHO", "sent", Token);
        await socket.ReceiveCallAsync();
        socket.Cut();
        Assert.Equal(DuctsClientState.Reconnecting, (await changes.ReadAsync(Token)).State);
        var waiting = Client.CallAsync<string>("ECHO", "waited", Token);

        var next = await WelcomeNextAsync(life: "another", lost: true);
        Assert.Contains("whether the request was carried out is unknown", (await Assert.ThrowsAsync<DuctsConnectionException>(() => sent)).Message, StringComparison.Ordinal);
        var opened = await changes.ReadAsync(Token);
        Assert.Equal((DuctsClientState.Open, true), (opened.State, opened.IsNewSession));
        var request = (await next.ReceiveAsync())!.Value;
        Assert.Equal("waited", request.Data.GetString());
        Assert.Equal(0, (await next.ReceiveAsync())!.Value.EventId);
        await next.EchoAsync(request);
        Assert.Equal("waited", await waiting);
        Assert.Equal(1, Server.Discoveries);

        next.Cut();
        Assert.Equal("{\"key\":\"the key\",\"received\":1,\"life\":\"another\",\"attempt\":3}", (await (await Server.NextSocketAsync()).ReceiveHelloAsync()).ToString());
    }

    [Theory]
    [InlineData(1009, "larger than the server takes")]
    [InlineData(1007, "refused it with 1007")]
    public async Task A_message_that_was_refused_fails_its_call_and_no_other(int code, string said)
    {
        var socket = await OpenAsync();
        var calls = Enumerable.Range(0, 3).Select(i => Client.CallAsync<int>("ECHO", i, Token)).ToList();
        var first = await socket.ReceiveCallAsync();
        await socket.ReceiveCallAsync();
        var third = await socket.ReceiveCallAsync();
        await socket.CloseAsync((WebSocketCloseStatus)code);

        var next = await WelcomeNextAsync(received: 3);
        await next.SendAsync(null, 99, new Dictionary<string, int> { ["number"] = 3, ["code"] = code });
        var error = await Assert.ThrowsAsync<DuctsConnectionException>(() => calls[1]);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains("not carried out", error.Message, StringComparison.Ordinal);
        Assert.Equal(third.RequestId, (await next.ReceiveAsync())!.Value.RequestId);
        await next.EchoAsync(first);
        await next.EchoAsync(third);
        Assert.Equal((int[])[0, 2], await Task.WhenAll(calls[0], calls[2]));

        // The word of the refusal has a number.
        next.Cut();
        Assert.Equal(3, (await (await Server.NextSocketAsync()).ReceiveHelloAsync()).GetProperty("received").GetInt32());
    }

    [Fact]
    public async Task Messages_without_a_number_are_not_counted_and_what_cannot_be_read_is()
    {
        var socket = await OpenAsync();
        var seen = Channel.CreateUnbounded<int>();
        using var on = Client.On(2000, data => seen.Writer.TryWrite(data.GetInt32()));
        await socket.SendAsync(1, 0, new[] { 1.0, 1.0 });
        await socket.SendAsync(null, 7, 0);
        await socket.SendWelcomeAsync();
        await socket.SendRawAsync(new byte[] { 0xc1 });
        await socket.SendAsync(77, 4, new byte[] { 1 });
        await socket.SendAsync(77, 5, null);
        await socket.SendAsync(null, 2000, 1);
        Assert.Equal(1, await seen.Reader.ReadAsync(Token));
        await socket.SendAsync(null, 2000, 2);
        Assert.Equal(2, await seen.Reader.ReadAsync(Token));
        socket.Cut();

        // The last callback may still have been at work when the connection was lost, and counts nevertheless.
        Assert.Equal(5, (await (await Server.NextSocketAsync()).ReceiveHelloAsync()).GetProperty("received").GetInt32());
    }

    [Fact]
    public async Task Receipts_tell_what_has_been_processed()
    {
        var socket = await OpenAsync();
        var processed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listening = Client.On(2000, data =>
        {
            if (data.TryGetInt64(out var number) && number == 65)
                processed.TrySetResult();
        });
        Assert.Equal(0, (await socket.ReceiveAsync())!.Value.EventId);
        for (var i = 0; i < 64; i++)
            await socket.SendAsync(null, 2000, new byte[1024]);
        Assert.Equal(64, await socket.ReceiveReceiptAsync());
        await socket.SendAsync(null, 2000, 64);
        Assert.Equal(65, await socket.ReceiveReceiptAsync());
        // Where something else is sent, the receipt goes first, and does not wait for its second.
        await socket.SendAsync(null, 2000, 65);
        await processed.Task.WaitAsync(Token);
        var call = Client.SendAsync("ECHO", "x", Token);
        Assert.Equal(66, await socket.ReceiveReceiptAsync());
        Assert.Equal(1000, (await socket.ReceiveAsync())!.Value.EventId);
        await call;
        socket.Cut();
    }

    [Fact]
    public async Task A_proxys_403_is_no_end_of_a_session()
    {
        var socket = await OpenAsync();
        Server.RefusesReconnect = true;
        socket.Cut();
        while (Server.Reconnects < 4)
            await Task.Delay(2, Token);
        Server.RefusesReconnect = false;
        Assert.Equal(2, (await (await Server.NextSocketAsync()).ReceiveHelloAsync()).GetProperty("attempt").GetInt32());
        Assert.Equal(1, Server.Discoveries);
    }

    [Fact]
    public async Task A_server_that_has_been_replaced_by_an_older_one_gets_a_session_of_version_1()
    {
        var time = new ManualTime();
        var socket = await OpenAsync(options => (options.TimeProvider, options.AliveMonitoring) = (time, false));
        var changes = ReconnectTests.Watch(Client);
        Server.RefusesReconnect = true;
        Server.MoreOfDiscovery.Clear();
        socket.Cut();
        Assert.Equal(DuctsClientState.Reconnecting, (await changes.ReadAsync(Token)).State);
        var accepting = Server.NextSocketAsync();
        while (!accepting.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, Token);
        }

        Assert.True(time.Elapsed >= Reconnector.RefusalPatience);
        Assert.True((await changes.ReadAsync(Token)).IsNewSession);
        Assert.Equal("", Server.SocketQuery);
        var next = await accepting;
        var call = Client.CallAsync<int>("ECHO", 5, Token);
        await next.EchoAsync(await next.ReceiveCallAsync());
        Assert.Equal(5, await call);
        next.Cut();
    }

    [Fact]
    public async Task A_server_that_has_learnt_version_2_gets_a_session_of_it()
    {
        await StartAsync(speaksVersion2: false);
        await using var client = await ReconnectTests.ConnectAsync(Server);
        var changes = ReconnectTests.Watch(client);
        var socket = await Server.NextSocketAsync();
        Assert.Equal("", Server.SocketQuery);
        Server.SpeakVersion2();
        Server.RefusesReconnect = true;
        socket.Cut();
        Assert.Equal(DuctsClientState.Reconnecting, (await changes.ReadAsync(Token)).State);
        await AcceptNewAsync(changes);
    }

    [Fact]
    public async Task A_server_that_is_silent_for_three_intervals_is_left()
    {
        var time = new ManualTime();
        var socket = await OpenAsync(options => options.TimeProvider = time);
        var changes = ReconnectTests.Watch(Client);
        var seen = Channel.CreateUnbounded<int>();
        using var on = Client.On(2000, data => seen.Writer.TryWrite(data.GetInt32()));
        time.Advance(TimeSpan.FromSeconds(14));
        await socket.SendAsync(null, 2000, 1);
        Assert.Equal(1, await seen.Reader.ReadAsync(Token));
        time.Advance(TimeSpan.FromSeconds(14));
        await socket.SendAsync(null, 2000, 2);
        Assert.Equal(2, await seen.Reader.ReadAsync(Token));
        Assert.False(changes.TryRead(out _));

        time.Advance(TimeSpan.FromSeconds(15));
        var lost = await changes.ReadAsync(Token);
        Assert.Equal(DuctsClientState.Reconnecting, lost.State);
        Assert.Contains("Nothing was heard", lost.Reason!.Message, StringComparison.Ordinal);
        await AbortAsync(socket);
    }

    [Fact]
    public async Task A_client_that_has_not_asked_for_alive_monitoring_does_not_mind_silence()
    {
        var time = new ManualTime();
        var socket = await OpenAsync(options => (options.TimeProvider, options.AliveMonitoring) = (time, false));
        time.Advance(TimeSpan.FromHours(1));
        var call = Client.CallAsync<int>("ECHO", 5, Token);
        await socket.EchoAsync(await socket.ReceiveCallAsync());
        Assert.Equal(5, await call);
        await AbortAsync(socket);
    }

    // A clock that stands would wait for the server for ever.
    private async Task AbortAsync(PlayedSocket socket)
    {
        await Client.CloseAsync(new CancellationToken(canceled: true));
        socket.Cut();
    }
}
