using System.Net.WebSockets;

namespace Ducts.Client.Tests;

/// <summary>What the client of version 2 of the protocol does when the server closes.</summary>
public sealed class ResumptionCloseTests : PlayedTests
{
    [Theory]
    [InlineData(1000)]
    [InlineData(1002)]
    [InlineData(1011)]
    [InlineData(1012)]
    [InlineData(1013)]
    [InlineData(4500)]
    public async Task A_close_that_does_not_end_the_session_is_followed_by_the_next_attempt(int code)
    {
        var socket = await OpenAsync();
        var changes = ReconnectTests.Watch(Client);
        await CloseAsync(socket, code);
        Assert.Equal(DuctsClientState.Reconnecting, (await changes.ReadAsync(Token)).State);
        var next = await Server.NextSocketAsync();
        Assert.Equal(2, (await next.ReceiveHelloAsync()).GetProperty("attempt").GetInt32());
        await next.SendWelcomeAsync(received: 1);
        var opened = await changes.ReadAsync(Token);
        Assert.Equal((DuctsClientState.Open, false), (opened.State, opened.IsNewSession));
        Assert.Equal(1, Server.Discoveries);
        next.Cut();
    }

    [Fact]
    public async Task A_server_that_hands_its_sessions_over_is_followed_at_once()
    {
        var socket = await OpenAsync(options => options.ReconnectMinDelay = options.ReconnectMaxDelay = TimeSpan.FromHours(1));
        await CloseAsync(socket, 1012);
        var next = await Server.NextSocketAsync();
        Assert.Equal(2, (await next.ReceiveHelloAsync()).GetProperty("attempt").GetInt32());
        next.Cut();
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(4002)]
    [InlineData(4003)]
    [InlineData(4005)]
    [InlineData(4401)]
    public async Task A_close_that_ends_the_session_is_followed_by_a_new_one(int code)
    {
        var socket = await OpenAsync();
        var changes = ReconnectTests.Watch(Client);
        var call = Client.CallAsync("ECHO", "sent", Token);
        await socket.ReceiveCallAsync();
        await CloseAsync(socket, code, "gap 5-7");
        var lost = await changes.ReadAsync(Token);
        Assert.Equal(DuctsClientState.Reconnecting, lost.State);
        Assert.Contains($"{code} gap 5-7", lost.Reason!.Message, StringComparison.Ordinal);
        Assert.Contains("whether the request was carried out is unknown", (await Assert.ThrowsAsync<DuctsConnectionException>(() => call)).Message, StringComparison.Ordinal);

        await AcceptNewAsync(changes);
        Assert.Equal(2, Server.Discoveries);
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(4002)]
    [InlineData(4005)]
    [InlineData(4401)]
    public async Task A_hello_that_is_refused_for_good_is_followed_by_a_new_session(int code)
    {
        var socket = await OpenAsync();
        var changes = ReconnectTests.Watch(Client);
        socket.Cut();
        Assert.Equal(DuctsClientState.Reconnecting, (await changes.ReadAsync(Token)).State);
        var refused = await NextSocketAsync();
        await CloseAsync(refused, code);

        await AcceptNewAsync(changes);
        Assert.Equal(2, Server.Discoveries);
    }

    [Theory]
    [InlineData(1008)]
    [InlineData(4001)]
    [InlineData(4004)]
    public async Task A_close_that_says_that_no_other_may_follow_closes_the_client(int code)
    {
        foreach (var atHello in new[] { false, true })
        {
            var socket = await OpenAsync();
            var call = Client.CallAsync("ECHO", "sent", Token);
            await socket.ReceiveCallAsync();
            if (atHello)
            {
                socket.Cut();
                socket = await NextSocketAsync();
            }

            await CloseAsync(socket, code);
            Assert.Contains($"{code}", (await Assert.ThrowsAsync<DuctsConnectionException>(() => call)).Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<DuctsConnectionException>(() => Client.CallAsync("ECHO", cancellationToken: Token));
            Assert.Equal(1, Server.Discoveries);
        }
    }

    [Theory]
    [InlineData(1013)]
    [InlineData(1012)]
    public async Task Opening_goes_on_in_the_same_session_while_the_server_says_not_now(int code)
    {
        await StartAsync();
        var connecting = ReconnectTests.ConnectAsync(Server);
        for (var attempt = 1; attempt < 4; attempt++)
        {
            var socket = await Server.NextSocketAsync();
            Assert.Equal(attempt, (await socket.ReceiveHelloAsync()).GetProperty("attempt").GetInt32());
            await CloseAsync(socket, code);
        }

        var last = await WelcomeNextAsync();
        await using var client = await connecting;
        Assert.Equal(1, Server.Discoveries);
        last.Cut();
    }

    [Theory]
    [InlineData(1008)]
    [InlineData(4401)]
    public async Task A_session_that_is_refused_to_the_user_is_not_opened(int code)
    {
        await StartAsync();
        var connecting = ReconnectTests.ConnectAsync(Server);
        var socket = await NextSocketAsync();
        await CloseAsync(socket, code, "not you");
        Assert.Contains("not you", (await Assert.ThrowsAsync<DuctsNotAuthorizedException>(() => connecting)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Numbers_that_the_server_has_wrong_end_the_session(bool inWelcome)
    {
        var socket = await OpenAsync();
        var changes = ReconnectTests.Watch(Client);
        var call = Client.CallAsync("ECHO", "sent", Token);
        await socket.ReceiveCallAsync();
        if (inWelcome)
        {
            socket.Cut();
            socket = await NextSocketAsync();
            await socket.SendWelcomeAsync(received: 3);
        }
        else
        {
            await socket.SendAsync(null, 7, 3);
        }

        Assert.Null(await socket.ReceiveAsync());
        Assert.Equal(4002, (int)socket.CloseStatus!);
        await Assert.ThrowsAsync<DuctsConnectionException>(() => call);
        Assert.Equal(DuctsClientState.Reconnecting, (await changes.ReadAsync(Token)).State);
        await AcceptNewAsync(changes);
    }
}
