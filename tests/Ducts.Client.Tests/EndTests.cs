using System.Net.WebSockets;

namespace Ducts.Client.Tests;

/// <summary>Closing a session of version 2 of the protocol.</summary>
public sealed class EndTests : PlayedTests
{
    private const int End = 12;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closing_sends_end_after_what_was_sent_before_and_waits_for_its_answer(bool isAnswered)
    {
        var socket = await OpenAsync();
        var call = Client.CallAsync("ECHO", cancellationToken: Token);
        var closing = Client.CloseAsync(Token);
        Assert.Equal(1000, (await socket.ReceiveCallAsync()).EventId);
        var end = await socket.ReceiveCallAsync();
        Assert.Equal((End, true), (end.EventId, end.Data.IsNil));
        Assert.False(closing.IsCompleted);
        if (isAnswered)
        {
            await socket.SendAsync(end.RequestId, End, true);
            Assert.Null(await socket.ReceiveAsync());
            Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
            await socket.AnswerCloseAsync();
        }
        else
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure);
        }

        await closing;
        Assert.Equal(DuctsClientState.Closed, Client.State);
        Assert.Equal("The session was closed.", (await Assert.ThrowsAsync<DuctsConnectionException>(() => call)).Message);
        await Assert.ThrowsAsync<DuctsConnectionException>(() => Client.CallAsync("ECHO", cancellationToken: Token));
        Assert.Equal((1, 0), (Server.Discoveries, Server.Reconnects));
    }

    [Fact]
    public async Task An_end_whose_answer_is_lost_is_done_when_the_session_is_not_known_any_more()
    {
        var socket = await OpenAsync();
        var closing = Client.DisposeAsync().AsTask();
        Assert.Equal(End, (await socket.ReceiveCallAsync()).EventId);
        socket.Cut();
        var next = await NextSocketAsync();
        await CloseAsync(next, 4005);
        await closing;
        Assert.Equal((DuctsClientState.Closed, 1), (Client.State, Server.Discoveries));
    }

    [Fact]
    public async Task An_end_that_is_lost_is_sent_again()
    {
        var socket = await OpenAsync();
        var closing = Client.CloseAsync(Token);
        var end = await socket.ReceiveCallAsync();
        socket.Cut();
        var next = await WelcomeNextAsync(received: 1);
        var again = (await next.ReceiveAsync())!.Value;
        Assert.Equal((end.RequestId, End), (again.RequestId, again.EventId));
        await next.SendAsync(end.RequestId, End, true);
        await closing;
        next.Cut();
    }

    [Fact]
    public async Task A_session_that_begins_anew_while_it_closes_is_told_its_end_again()
    {
        var socket = await OpenAsync();
        var closing = Client.CloseAsync(Token);
        Assert.Equal(End, (await socket.ReceiveCallAsync()).EventId);
        socket.Cut();
        var next = await WelcomeNextAsync(life: "another", lost: true);
        var end = await next.ReceiveCallAsync();
        Assert.Equal(End, end.EventId);
        await next.SendAsync(end.RequestId, End, true);
        await closing;
        next.Cut();
    }

    [Fact]
    public async Task Closing_while_there_is_no_connection_does_not_wait_for_the_pause_before_the_next_attempt()
    {
        var socket = await OpenAsync(options => options.ReconnectMinDelay = options.ReconnectMaxDelay = TimeSpan.FromHours(1));
        var changes = ReconnectTests.Watch(Client);
        socket.Cut();
        Assert.Equal(DuctsClientState.Reconnecting, (await changes.ReadAsync(Token)).State);
        var closing = Client.CloseAsync(Token);
        var next = await WelcomeNextAsync(received: 1);
        Assert.Equal(End, (await next.ReceiveAsync())!.Value.EventId);
        await next.CloseAsync(WebSocketCloseStatus.NormalClosure);
        await closing;
    }

    [Fact]
    public async Task A_server_that_does_not_answer_end_is_waited_for_as_long_as_is_set()
    {
        var socket = await OpenAsync(options => options.CloseTimeout = TimeSpan.FromMilliseconds(50));
        var call = Client.CallAsync("ECHO", cancellationToken: Token);
        await Client.DisposeAsync();
        Assert.Equal(DuctsClientState.Closed, Client.State);
        await Assert.ThrowsAsync<DuctsConnectionException>(() => call);
        socket.Cut();
    }

    protected override void Configure(DuctsClientOptions options) => options.CloseTimeout = TimeSpan.FromMinutes(1);
}
