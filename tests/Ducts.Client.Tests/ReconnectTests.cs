using System.Net;
using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Ducts.Client.Tests;

public sealed class ReconnectTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(404)]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task A_refusal_that_may_be_a_proxys_is_tried_until_it_ends(int status)
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();
        var call = client.CallAsync<string>("ECHO", cancellationToken: Token);
        var request = await socket.ReceiveCallAsync();

        server.SocketStatus = status;
        socket.Cut();
        await UntilAsync(() => server.Refusals >= 6);
        server.SocketStatus = 0;
        await (await server.NextSocketAsync()).SendAsync(request.RequestId, 1000, "after all");

        Assert.Equal("after all", await call);
        Assert.Equal(1, server.Discoveries);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(410)]
    public async Task A_session_that_the_server_has_ended_is_followed_by_a_new_one(int status)
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server, options => options.Query["who"] = "me");
        var changes = Watch(client);
        var socket = await server.NextSocketAsync();
        var call = client.CallAsync("ECHO", "sent", Token);
        var stream = client.StreamAsync<int>("COUNT", cancellationToken: Token).GetAsyncEnumerator(Token);
        var item = stream.MoveNextAsync().AsTask();
        await socket.ReceiveCallAsync();
        var streaming = (await socket.ReceiveCallAsync()).RequestId;
        await socket.SendItemAsync(streaming, 1, 1001, 1);
        Assert.True(await item);

        // Discovery is away a little longer: what was sent fails as soon as it is known that nobody answers it.
        server.RefusesReconnect = true;
        server.SocketStatus = status == 403 ? 0 : status;
        server.Discover = static context => AnswerAsync(context, 503);
        socket.Cut();
        Assert.Contains("whether the request was carried out is unknown", (await Assert.ThrowsAsync<DuctsConnectionException>(() => call)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DuctsConnectionException>(async () => await stream.MoveNextAsync());
        Assert.Equal(DuctsClientState.Reconnecting, (await changes.ReadAsync(Token)).State);
        var waiting = client.CallAsync<string>("ECHO", "waited", Token);
        server.SocketStatus = 0;
        server.Discover = null;

        var next = await server.NextSocketAsync();
        var opened = await changes.ReadAsync(Token);
        Assert.Equal((DuctsClientState.Open, true), (opened.State, opened.IsNewSession));
        var request = await next.ReceiveCallAsync();
        Assert.Equal("waited", request.Data.GetString());
        await next.SendAsync(request.RequestId, 1000, "fine");
        Assert.Equal("fine", await waiting);
        Assert.Equal("me", server.Query!["who"]);
        await stream.DisposeAsync();
        next.Cut();
    }

    [Fact]
    public async Task A_new_session_asks_for_alive_monitoring_and_is_told_of_no_cancelling_of_the_old_one()
    {
        await using var server = await PlayedServer.StartAsync();
        server.Events["CANCEL"] = 6;
        await using var client = await ConnectAsync(server);
        var changes = Watch(client);
        var socket = await server.NextSocketAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = client.CallAsync("ECHO", cancellationToken: cancel.Token);
        await socket.ReceiveCallAsync();

        server.SocketStatus = 503;
        socket.Cut();
        await changes.ReadAsync(Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        server.RefusesReconnect = true;
        server.SocketStatus = 0;

        var next = await server.NextSocketAsync();
        Assert.Equal(0, (await next.ReceiveAsync())!.Value.EventId);
        var second = client.CallAsync("ECHO", 2, Token);
        var request = (await next.ReceiveAsync())!.Value;
        Assert.Equal((1000, 2), (request.EventId, request.Data.GetInt32()));
        await next.SendAsync(request.RequestId, 1000, null);
        await second;
        next.Cut();
    }

    [Fact]
    public async Task A_new_session_may_have_other_ids_and_calls_and_callbacks_go_by_key()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var changes = Watch(client);
        var seen = Channel.CreateUnbounded<string>();
        using var on = client.On("COUNT", data => seen.Writer.TryWrite(data.ToString()));
        var socket = await server.NextSocketAsync();
        server.SocketStatus = 503;
        socket.Cut();
        await changes.ReadAsync(Token);
        var moved = client.CallAsync<string>("ECHO", new { text = "x" }, Token);
        var byId = client.CallAsync<string>(1000, 1, Token);
        var gone = client.CallAsync("GONE_LATER", cancellationToken: Token);

        server.Events.Remove("GONE_LATER");
        server.Events["ECHO"] = 70000;
        server.Events["COUNT"] = 70001;
        server.RefusesReconnect = true;
        server.SocketStatus = 0;

        var next = await server.NextSocketAsync();
        var request = await next.ReceiveCallAsync();
        Assert.Equal((70000, "{\"text\":\"x\"}"), (request.EventId, request.Data.ToString()));
        await next.SendAsync(request.RequestId, 70000, "moved");
        Assert.Equal("moved", await moved);
        request = await next.ReceiveCallAsync();
        Assert.Equal(1000, request.EventId);
        await next.SendAsync(request.RequestId, 1000, "by id");
        Assert.Equal("by id", await byId);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => gone);
        await next.SendAsync(null, 70001, 5);
        Assert.Equal("5", await seen.Reader.ReadAsync(Token));
        Assert.Equal(70000, client.Events["ECHO"]);
        next.Cut();
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(1005)]
    [InlineData(1011)]
    [InlineData(1012)]
    [InlineData(1014)]
    [InlineData(4500)]
    public async Task A_close_that_may_be_a_proxys_is_no_end(int code)
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var changes = Watch(client);
        var socket = await server.NextSocketAsync();
        // The framework's client answers no code that it does not know.
        if (await Record.ExceptionAsync(() => socket.CloseAsync((WebSocketCloseStatus)code)) is not null)
        {
            socket.Cut();
        }

        Assert.Equal(DuctsClientState.Reconnecting, (await changes.ReadAsync(Token)).State);
        var next = await server.NextSocketAsync();
        var opened = await changes.ReadAsync(Token);
        Assert.Equal((DuctsClientState.Open, false), (opened.State, opened.IsNewSession));
        Assert.Equal(1, server.Discoveries);
        next.Cut();
    }

    [Fact]
    public async Task No_attempt_is_made_before_the_time_that_the_answer_names()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();
        server.SocketStatus = 503;
        server.RetryAfter = "1";
        socket.Cut();
        await UntilAsync(() => server.Refusals == 1);
        var refused = TimeProvider.System.GetTimestamp();
        server.SocketStatus = 0;

        var next = await server.NextSocketAsync();
        Assert.True(TimeProvider.System.GetElapsedTime(refused) > TimeSpan.FromMilliseconds(900));
        next.Cut();
    }

    [Theory]
    [InlineData("2", 2)]
    [InlineData("0", 0)]
    [InlineData("-1", 0)]
    [InlineData("86400", 300)]
    [InlineData("99999999999999999999", 0)]
    [InlineData("Sat, 01 Jan 2000 00:00:10 GMT", 10)]
    [InlineData("Fri, 31 Dec 1999 23:59:00 GMT", 0)]
    [InlineData("soon", 0)]
    [InlineData("", 0)]
    [InlineData(null, 0)]
    public void Retry_after_names_seconds_or_a_date(string? header, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ServerAnswer.ReadRetryAfter(header, new StoppedClock()));

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Connecting_goes_on_while_the_server_cannot_serve(int status)
    {
        await using var server = await PlayedServer.StartAsync();
        server.Discover = context => AnswerAsync(context, status);
        var connecting = ConnectAsync(server);
        await UntilAsync(() => server.Discoveries >= 3);
        server.SocketStatus = status;
        server.Discover = null;
        await UntilAsync(() => server.Refusals >= 3);
        server.SocketStatus = 0;

        await using var client = await connecting;
        Assert.Equal(DuctsClientState.Open, client.State);
        (await server.NextSocketAsync()).Cut();
    }

    [Fact]
    public async Task Connecting_ends_with_the_status_after_its_time()
    {
        await using var server = await PlayedServer.StartAsync();
        server.Discover = static context => AnswerAsync(context, 503);
        var error = await Assert.ThrowsAsync<DuctsConnectionException>(() => ConnectAsync(server, options => options.OpenTimeout = TimeSpan.FromMilliseconds(50)));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, error.StatusCode);

        server.Discover = null;
        server.SocketStatus = 404;
        error = await Assert.ThrowsAsync<DuctsConnectionException>(() => ConnectAsync(server));
        Assert.Equal(HttpStatusCode.NotFound, error.StatusCode);
        Assert.DoesNotContain("abc.def", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_gives_up_after_the_time_that_is_set()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server, options => options.ReconnectTimeout = TimeSpan.FromMilliseconds(20));
        var changes = Watch(client);
        var socket = await server.NextSocketAsync();
        var call = client.CallAsync("ECHO", cancellationToken: Token);
        await socket.ReceiveCallAsync();
        server.SocketStatus = 503;
        socket.Cut();

        await Assert.ThrowsAsync<DuctsConnectionException>(() => call);
        Assert.Equal(DuctsClientState.Reconnecting, (await changes.ReadAsync(Token)).State);
        Assert.Equal(DuctsClientState.Closed, (await changes.ReadAsync(Token)).State);
        await Assert.ThrowsAsync<DuctsConnectionException>(() => client.CallAsync("ECHO", cancellationToken: Token));
        await Assert.ThrowsAsync<DuctsConnectionException>(() => client.SendAsync("ECHO", cancellationToken: Token));
    }

    [Fact]
    public async Task A_message_that_the_server_finds_too_large_fails_and_what_was_sent_before_it_goes_on()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();
        var early = client.CallAsync<string>("ECHO", "early", Token);
        var large = client.CallAsync("ECHO", new string('x', 1000), Token);
        var behind = client.CallAsync("ECHO", "behind", Token);
        var request = await socket.ReceiveCallAsync();
        await socket.ReceiveCallAsync();
        await socket.ReceiveCallAsync();
        await socket.CloseAsync(WebSocketCloseStatus.MessageTooBig);

        Assert.Contains("larger than the server takes", (await Assert.ThrowsAsync<DuctsConnectionException>(() => large)).Message, StringComparison.Ordinal);
        Assert.Contains("not carried out", (await Assert.ThrowsAsync<DuctsConnectionException>(() => behind)).Message, StringComparison.Ordinal);
        var next = await server.NextSocketAsync();
        await next.SendAsync(request.RequestId, 1000, "answered");
        Assert.Equal("answered", await early);
        Assert.Equal(1, server.Discoveries);
        next.Cut();
    }

    [Fact]
    public async Task A_message_over_the_servers_limit_is_not_sent()
    {
        await using var server = await PlayedServer.StartAsync();
        server.MoreOfDiscovery["max_message_size"] = 1000;
        await using var client = await ConnectAsync(server);
        var socket = await server.NextSocketAsync();
        var text = new string('x', 1000);

        Assert.Contains("at most 1000", (await Assert.ThrowsAsync<ArgumentException>(() => client.CallAsync("ECHO", text, Token))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync("ECHO", text, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await client.StreamAsync("ECHO", text, Token).GetAsyncEnumerator(Token).MoveNextAsync());
        // Around the text: the array, a small id, the event's id, the text's own head.
        var fits = client.CallAsync("ECHO", text[..(1000 - 1 - 1 - 3 - 3)], Token);
        await socket.SendAsync((await socket.ReceiveCallAsync()).RequestId, 1000, null);
        await fits;
        socket.Cut();
    }

    internal static Task<DuctsClient> ConnectAsync(PlayedServer server, Action<DuctsClientOptions>? configure = null)
    {
        server.Events["GONE_LATER"] = 1002;
        return CallTests.ConnectAsync(server, options =>
        {
            options.ReconnectMaxDelay = TimeSpan.FromMilliseconds(5);
            configure?.Invoke(options);
        });
    }

    internal static ChannelReader<DuctsStateChangedEventArgs> Watch(DuctsClient client)
    {
        var changes = Channel.CreateUnbounded<DuctsStateChangedEventArgs>();
        client.StateChanged += (_, change) => changes.Writer.TryWrite(change);
        return changes.Reader;
    }

    private static Task AnswerAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(2, Token);
        }
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}
