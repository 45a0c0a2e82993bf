using System.Net;
using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Ducts.Client.Tests;

public sealed class AuthenticationTests
{
    private const int Authenticate = 10;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_goes_with_service_discovery_and_nowhere_else()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ReconnectTests.ConnectAsync(server, options =>
        {
            options.AccessTokenProvider = static _ => new ValueTask<string?>("secret");
            options.Headers["X-Tenant"] = "a";
            options.ConfigureRequest = static request => request.Headers.Add("X-Trace", "b");
        });
        var socket = await server.NextSocketAsync();

        Assert.Equal(["Bearer secret"], server.Authorizations);
        Assert.Equal(["uuid"], server.Query!.Keys);
        Assert.Equal(("a", "b"), (server.SocketHeaders["X-Tenant"], server.SocketHeaders["X-Trace"]));
        Assert.DoesNotContain(server.SocketHeaders.Values, static value => value.Contains("secret", StringComparison.Ordinal));
        socket.Cut();
    }

    [Fact]
    public async Task A_token_takes_the_place_of_a_header()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ReconnectTests.ConnectAsync(server, options =>
        {
            options.AccessTokenProvider = static _ => new ValueTask<string?>("t");
            options.Headers["authorization"] = "Basic x";
        });

        Assert.Equal(["Bearer t"], server.Authorizations);
        (await server.NextSocketAsync()).Cut();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task An_empty_token_is_not_sent(string? token)
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ReconnectTests.ConnectAsync(server, options => options.AccessTokenProvider = _ => new ValueTask<string?>(token));

        Assert.Equal([""], server.Authorizations);
        (await server.NextSocketAsync()).Cut();
    }

    [Fact]
    public async Task A_provider_that_throws_is_a_connection_exception_with_its_cause()
    {
        await using var server = await PlayedServer.StartAsync();
        var cause = new InvalidOperationException("signed out");
        var error = await Assert.ThrowsAsync<DuctsConnectionException>(() => ReconnectTests.ConnectAsync(server, options => options.AccessTokenProvider = _ => throw cause));

        Assert.Same(cause, error.InnerException);
        Assert.Equal(0, server.Discoveries);
    }

    [Theory]
    [InlineData("secret\r\nX: y")]
    [InlineData("secret secret")]
    [InlineData("secreté")]
    public async Task A_token_that_no_header_can_hold_is_in_no_exception(string token)
    {
        await using var server = await PlayedServer.StartAsync();
        var error = await Assert.ThrowsAsync<DuctsConnectionException>(() => ReconnectTests.ConnectAsync(server, options => options.AccessTokenProvider = _ => new ValueTask<string?>(token)));

        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, server.Discoveries);
    }

    [Fact]
    public async Task A_provider_that_hangs_ends_connecting_after_its_time_and_when_it_is_canceled()
    {
        await using var server = await PlayedServer.StartAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var options = new DuctsClientOptions { AccessTokenProvider = static _ => new ValueTask<string?>(new TaskCompletionSource<string?>().Task), ConnectTimeout = TimeSpan.FromMilliseconds(20) };
        var error = await Assert.ThrowsAsync<DuctsConnectionException>(() => DuctsClient.ConnectAsync(server.Discovery, options, Token));
        Assert.Contains("AccessTokenProvider did not answer", error.Message, StringComparison.Ordinal);

        options.ConnectTimeout = TimeSpan.FromMinutes(1);
        var connecting = DuctsClient.ConnectAsync(server.Discovery, options, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        Assert.Equal(0, server.Discoveries);
    }

    [Fact]
    public async Task What_configures_requests_and_throws_is_a_connection_exception()
    {
        await using var server = await PlayedServer.StartAsync();
        var error = await Assert.ThrowsAsync<DuctsConnectionException>(
            () => ReconnectTests.ConnectAsync(server, options => options.ConfigureRequest = static _ => throw new InvalidOperationException("mine")));

        Assert.Contains("mine", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "{\"error\":\"the token has expired\"}", ": the token has expired")]
    [InlineData(403, "{\"detail\":\"not you\",\"error\":\"PermissionError\"}", ": not you")]
    [InlineData(401, "<html>", ".")]
    [InlineData(401, "[1]", ".")]
    [InlineData(403, "", ".")]
    public async Task A_user_whom_service_discovery_refuses_gets_an_exception_of_its_own(int status, string body, string end)
    {
        await using var server = await PlayedServer.StartAsync();
        server.Discover = context => RefuseAsync(context, status, body);
        var error = await Assert.ThrowsAsync<DuctsNotAuthorizedException>(() => ReconnectTests.ConnectAsync(server));

        Assert.Equal(((HttpStatusCode)status, "PermissionError"), (error.StatusCode, error.Name));
        Assert.EndsWith(end, error.Message, StringComparison.Ordinal);
        Assert.IsType<DuctsConnectionException>(error.InnerException);
    }

    [Fact]
    public async Task A_user_whom_the_WebSocket_refuses_gets_the_servers_words()
    {
        await using var server = await PlayedServer.StartAsync();
        server.SocketStatus = 403;
        server.SocketRefusal = "{\"error\":\"another user\"}";
        var error = await Assert.ThrowsAsync<DuctsNotAuthorizedException>(() => ReconnectTests.ConnectAsync(server));

        Assert.Equal(HttpStatusCode.Forbidden, error.StatusCode);
        Assert.EndsWith("another user", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_permission_error_of_a_call_and_of_a_stream_has_its_own_exception()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ReconnectTests.ConnectAsync(server);
        var socket = await server.NextSocketAsync();
        const string text = "PermissionError('this event needs the role admin')";
        var call = client.CallAsync("ECHO", cancellationToken: Token);
        await socket.SendAsync((await socket.ReceiveCallAsync()).RequestId, -1000, text);
        var error = await Assert.ThrowsAsync<DuctsNotAuthorizedException>(() => call);
        Assert.Equal((1000, text, "this event needs the role admin", null), (error.EventId, error.Text, error.Message, error.StatusCode));

        await using var stream = client.StreamAsync("COUNT", cancellationToken: Token).GetAsyncEnumerator(Token);
        var item = stream.MoveNextAsync().AsTask();
        var id = (await socket.ReceiveCallAsync()).RequestId;
        await socket.SendItemAsync(id, 1, 1001, 1);
        Assert.True(await item);
        await socket.SendItemAsync(id, 2, -1001, text);
        await Assert.ThrowsAsync<DuctsNotAuthorizedException>(async () => await stream.MoveNextAsync());
        socket.Cut();
    }

    [Fact]
    public async Task Rights_are_renewed_with_a_new_token_over_the_same_session()
    {
        await using var server = await PlayedServer.StartAsync();
        server.MoreOfDiscovery["auth_expires_in"] = 1;
        var count = 0;
        await using var client = await ReconnectTests.ConnectAsync(server, options => options.AccessTokenProvider = _ => new ValueTask<string?>($"t{++count}"));
        var changes = ReconnectTests.Watch(client);
        var socket = await server.NextSocketAsync();
        server.MoreOfDiscovery.Clear();

        var request = await socket.ReceiveCallAsync();
        Assert.Equal((Authenticate, "{\"ticket\":\"abc.def\"}"), (request.EventId, request.Data.ToString()));
        await socket.SendAsync(request.RequestId, Authenticate, true);
        Assert.Equal(["Bearer t1", "Bearer t2"], server.Authorizations);
        var call = client.CallAsync<string>("ECHO", cancellationToken: Token);
        await socket.SendAsync((await socket.ReceiveCallAsync()).RequestId, 1000, "fine");
        Assert.Equal("fine", await call);
        Assert.False(changes.TryRead(out _));
        socket.Cut();
    }

    [Fact]
    public async Task Rights_that_cannot_be_renewed_are_told_and_the_session_is_left_to_the_server()
    {
        await using var server = await PlayedServer.StartAsync();
        server.MoreOfDiscovery["auth_expires_in"] = 100;
        var time = new ManualTime();
        await using var client = await ReconnectTests.ConnectAsync(server, options => options.TimeProvider = time);
        var changes = ReconnectTests.Watch(client);
        var failures = WatchFailures(client);
        var socket = await server.NextSocketAsync();
        server.Discover = static context => RefuseAsync(context, 401, "{\"error\":\"signed out\"}");
        await time.NextDelayAsync();
        time.Advance(TimeSpan.FromSeconds(200));

        var failure = await failures.ReadAsync(Token);
        Assert.Contains("signed out", failure.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, failure.StatusCode);
        Assert.Equal(DuctsClientState.Open, client.State);
        Assert.False(changes.TryRead(out _));
        socket.Cut();
    }

    [Fact]
    public async Task Rights_whose_time_comes_while_there_is_no_connection_are_renewed_in_the_next_one()
    {
        await using var server = await PlayedServer.StartAsync();
        server.MoreOfDiscovery["auth_expires_in"] = 100;
        var time = new ManualTime();
        await using var client = await ReconnectTests.ConnectAsync(server, options => options.TimeProvider = time);
        var changes = ReconnectTests.Watch(client);
        var socket = await server.NextSocketAsync();
        await time.NextDelayAsync();
        server.MoreOfDiscovery.Clear();
        socket.Cut();
        Assert.Equal(DuctsClientState.Reconnecting, (await changes.ReadAsync(Token)).State);
        await time.NextDelayAsync();
        time.Advance(TimeSpan.FromSeconds(200));

        var next = await server.NextSocketAsync();
        Assert.Equal(Authenticate, (await next.ReceiveCallAsync()).EventId);
        Assert.Equal(2, server.Discoveries);
        next.Cut();
    }

    [Fact]
    public async Task Closing_ends_a_renewal_whose_token_does_not_come()
    {
        await using var server = await PlayedServer.StartAsync();
        server.MoreOfDiscovery["auth_expires_in"] = 0;
        var asked = Channel.CreateUnbounded<CancellationToken>();
        var client = await ReconnectTests.ConnectAsync(server, options => options.AccessTokenProvider = token =>
            asked.Writer.TryWrite(token) && asked.Reader.Count == 1 ? new ValueTask<string?>("t") : new ValueTask<string?>(new TaskCompletionSource<string?>().Task));
        var failures = WatchFailures(client);
        await asked.Reader.WaitToReadAsync(Token);
        while (asked.Reader.Count < 2)
        {
            await Task.Delay(2, Token);
        }

        await client.DisposeAsync();
        Assert.Equal(DuctsClientState.Closed, client.State);
        Assert.False(failures.TryRead(out _));
    }

    [Theory]
    [InlineData(4401)]
    [InlineData(4005)]
    public async Task A_session_that_the_server_has_ended_for_its_user_is_followed_by_a_new_one_with_a_new_token(int code)
    {
        await using var server = await PlayedServer.StartAsync();
        var count = 0;
        await using var client = await ReconnectTests.ConnectAsync(server, options => options.AccessTokenProvider = _ => new ValueTask<string?>($"t{++count}"));
        var changes = ReconnectTests.Watch(client);
        var socket = await server.NextSocketAsync();
        var call = client.CallAsync("ECHO", "sent", Token);
        await socket.ReceiveCallAsync();
        await socket.CloseAsync((WebSocketCloseStatus)code);

        Assert.Contains("whether the request was carried out is unknown", (await Assert.ThrowsAsync<DuctsConnectionException>(() => call)).Message, StringComparison.Ordinal);
        Assert.Equal(DuctsClientState.Reconnecting, (await changes.ReadAsync(Token)).State);
        var next = await server.NextSocketAsync();
        var opened = await changes.ReadAsync(Token);
        Assert.Equal((DuctsClientState.Open, true), (opened.State, opened.IsNewSession));
        Assert.Equal(["Bearer t1", "Bearer t2"], server.Authorizations);
        Assert.Equal(0, server.Reconnects);
        next.Cut();
    }

    [Fact]
    public async Task A_new_session_that_is_refused_to_the_user_is_tried_on_and_told_once()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await ReconnectTests.ConnectAsync(server);
        var failures = WatchFailures(client);
        var socket = await server.NextSocketAsync();
        server.Discover = static context => RefuseAsync(context, 401, "{\"error\":\"signed out\"}");
        await socket.CloseAsync((WebSocketCloseStatus)4401);
        var failure = await failures.ReadAsync(Token);
        Assert.Contains("signed out", failure.Message, StringComparison.Ordinal);
        while (server.Discoveries < 5)
        {
            await Task.Delay(2, Token);
        }

        server.Discover = null;
        (await server.NextSocketAsync()).Cut();
        Assert.False(failures.TryRead(out _));
    }

    private static ChannelReader<DuctsNotAuthorizedException> WatchFailures(DuctsClient client)
    {
        var failures = Channel.CreateUnbounded<DuctsNotAuthorizedException>();
        client.AuthenticationFailed += (_, failure) => failures.Writer.TryWrite(failure.Exception);
        return failures.Reader;
    }

    private static Task RefuseAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    }
}
