using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Threading.Channels;
using Ducts.MessagePack;
using Microsoft.AspNetCore.Http;

namespace Ducts.Client.Tests;

public sealed class SessionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Discovery_gets_a_uuid_and_the_options_query()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server, options => options.Query["user"] = "a b&c");

        Assert.True(Guid.TryParse(server.Query!["uuid"], out _));
        Assert.Equal("a b&c", server.Query["user"]);
        Assert.Equal(1000, client.Events["ECHO"]);
        Assert.Equal(DuctsClientState.Open, client.State);
    }

    [Theory]
    [InlineData("<html>no server</html>")]
    [InlineData("{\"EVENT\":{}}")]
    [InlineData("{\"EVENT\":{\"A\":\"x\"},\"websocket_url\":\"ws://a/\",\"websocket_url_reconnect\":\"ws://a/\"}")]
    [InlineData("{\"EVENT\":{},\"websocket_url\":\"no url\",\"websocket_url_reconnect\":\"ws://a/\"}")]
    public async Task An_answer_that_is_no_discovery_is_refused(string body)
    {
        await using var server = await PlayedServer.StartAsync();
        server.Discover = context => context.Response.WriteAsync(body, Token);

        await Assert.ThrowsAsync<DuctsConnectionException>(() => CallTests.ConnectAsync(server));
    }

    [Fact]
    public async Task A_server_that_refuses_or_is_not_there_is_a_connection_exception()
    {
        await using var server = await PlayedServer.StartAsync();
        server.Discover = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        var refused = await Assert.ThrowsAsync<DuctsConnectionException>(() => CallTests.ConnectAsync(server, options => options.OpenTimeout = TimeSpan.Zero));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        await Assert.ThrowsAsync<DuctsConnectionException>(() => DuctsClient.ConnectAsync(new Uri("http://127.0.0.1:1/ducts/wsd"), cancellationToken: Token));
    }

    [Fact]
    public async Task Pushes_go_to_the_functions_set_for_their_event()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server);
        var socket = await server.NextSocketAsync();
        var seen = Channel.CreateUnbounded<string>();
        var faults = new ConcurrentQueue<int>();
        client.HandlerFaulted += (_, fault) => faults.Enqueue(fault.EventId);
        using var bad = client.On("ECHO", _ => throw new InvalidOperationException("mine"));
        var first = client.On("ECHO", data => seen.Writer.TryWrite($"first {data}"));
        using var second = client.On(1000, data => seen.Writer.TryWrite($"second {data}"));

        await socket.SendAsync(null, 1000, 1);
        Assert.Equal("first 1", await seen.Reader.ReadAsync(Token));
        Assert.Equal("second 1", await seen.Reader.ReadAsync(Token));
        first.Dispose();
        await socket.SendAsync(null, 1000, 2);
        Assert.Equal("second 2", await seen.Reader.ReadAsync(Token));
        Assert.Equal([1000, 1000], faults);
        socket.Cut();
    }

    [Fact]
    public async Task Sending_does_not_wait_for_the_reply_which_goes_to_the_events_function()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server);
        var socket = await server.NextSocketAsync();
        var seen = Channel.CreateUnbounded<string>();
        using var on = client.On("ECHO", data => seen.Writer.TryWrite(data.ToString()));

        await client.SendAsync("ECHO", "x", Token);
        var request = await socket.ReceiveCallAsync();
        await socket.SendAsync(request.RequestId, 1000, "y");

        Assert.Equal("\"y\"", await seen.Reader.ReadAsync(Token));
        socket.Cut();
    }

    [Fact]
    public async Task Alive_monitoring_is_asked_for_once_and_gives_offset_and_latency()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server);
        var socket = await server.NextSocketAsync();

        var request = (await socket.ReceiveAsync())!.Value;
        Assert.Equal(0, request.EventId);
        var now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds + 3600;
        await socket.SendAsync(request.RequestId, 0, new[] { now, now });
        var call = client.CallAsync("ECHO", cancellationToken: Token);
        await socket.SendAsync((await socket.ReceiveAsync())!.Value.RequestId, 1000, null);
        await call;

        Assert.InRange(client.TimeOffset.TotalMinutes, 59, 61);
        Assert.True(client.Latency >= TimeSpan.Zero);

        var before = client.TimeOffset;
        await socket.SendAsync(request.RequestId, 0, new[] { now + 3600, now });
        call = client.CallAsync("ECHO", cancellationToken: Token);
        await socket.SendAsync((await socket.ReceiveAsync())!.Value.RequestId, 1000, null);
        await call;
        Assert.InRange((client.TimeOffset - before).TotalMinutes, 58, 62);
        socket.Cut();
    }

    [Fact]
    public async Task A_lost_socket_is_regained_and_the_calls_go_on()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server);
        var states = Channel.CreateUnbounded<DuctsClientState>();
        client.StateChanged += (_, change) => states.Writer.TryWrite(change.State);
        var socket = await server.NextSocketAsync();

        var call = client.CallAsync<string>("ECHO", cancellationToken: Token);
        var request = await socket.ReceiveCallAsync();
        socket.Cut();
        Assert.Equal(DuctsClientState.Reconnecting, await states.Reader.ReadAsync(Token));
        var next = await server.NextSocketAsync();
        Assert.Equal(DuctsClientState.Open, await states.Reader.ReadAsync(Token));
        await next.SendAsync(request.RequestId, 1000, "after all");

        Assert.Equal("after all", await call);
        var second = client.CallAsync<string>("ECHO", cancellationToken: Token);
        var again = (await next.ReceiveAsync())!.Value;
        Assert.Equal(1000, again.EventId);
        await next.SendAsync(again.RequestId, 1000, "fine");
        Assert.Equal("fine", await second);
        next.Cut();
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1008)]
    [InlineData(4001)]
    public async Task A_close_by_the_server_ends_the_session(int code)
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server);
        var closed = new TaskCompletionSource<DuctsStateChangedEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.StateChanged += (_, change) => closed.TrySetResult(change);
        var socket = await server.NextSocketAsync();

        await socket.CloseAsync((WebSocketCloseStatus)code, "replaced");

        var change = await closed.Task.WaitAsync(Token);
        Assert.Equal(DuctsClientState.Closed, change.State);
        Assert.Contains(code.ToString(), change.Reason!.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Reconnects);
    }

    [Fact]
    public async Task Closing_sends_1000_after_what_was_sent_before()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server, options => options.CloseTimeout = TimeSpan.FromMinutes(1));
        var socket = await server.NextSocketAsync();

        var call = client.CallAsync("ECHO", cancellationToken: Token);
        var closing = client.CloseAsync(Token);
        Assert.Equal(1000, (await socket.ReceiveCallAsync()).EventId);
        Assert.Null(await socket.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        await socket.AnswerCloseAsync();

        await closing;
        Assert.Equal(DuctsClientState.Closed, client.State);
        await Assert.ThrowsAsync<DuctsConnectionException>(() => call);
        Assert.Equal(0, server.Reconnects);
    }

    [Fact]
    public async Task Closing_and_disposing_twice_wait_for_the_same_end()
    {
        await using var server = await PlayedServer.StartAsync();
        var client = await CallTests.ConnectAsync(server, options => options.CloseTimeout = TimeSpan.FromMinutes(1));
        var socket = await server.NextSocketAsync();
        Task[] endings = [client.CloseAsync(Token), client.CloseAsync(Token), client.DisposeAsync().AsTask(), client.DisposeAsync().AsTask()];
        var late = client.CallAsync("ECHO", cancellationToken: Token);
        while (await socket.ReceiveAsync() is not null)
        {
        }

        Assert.All(endings, static ending => Assert.False(ending.IsCompleted));
        await socket.AnswerCloseAsync();
        await Task.WhenAll(endings);
        await Assert.ThrowsAsync<DuctsConnectionException>(() => late);
        Assert.Equal(DuctsClientState.Closed, client.State);
        await client.CloseAsync(Token);
        await client.DisposeAsync();
        await Assert.ThrowsAsync<DuctsConnectionException>(() => client.CallAsync("ECHO", cancellationToken: Token));
    }

    [Fact]
    public async Task Closing_while_reconnecting_ends_at_once()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server, options =>
        {
            options.ReconnectMinDelay = TimeSpan.FromHours(1);
            options.ReconnectMaxDelay = TimeSpan.FromHours(1);
            options.CloseTimeout = TimeSpan.FromHours(1);
        });
        var reconnecting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.StateChanged += (_, _) => reconnecting.TrySetResult();
        (await server.NextSocketAsync()).Cut();
        await reconnecting.Task.WaitAsync(Token);

        await client.CloseAsync(Token);

        Assert.Equal(DuctsClientState.Closed, client.State);
    }

    [Fact]
    public async Task A_message_beyond_the_limit_ends_the_session()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server, options => options.MaxMessageSize = 1000);
        var socket = await server.NextSocketAsync();

        var call = client.CallAsync("ECHO", cancellationToken: Token);
        await socket.SendAsync((await socket.ReceiveCallAsync()).RequestId, 1000, new byte[2000]);

        Assert.Contains("1000 bytes", (await Assert.ThrowsAsync<DuctsConnectionException>(() => call)).Message, StringComparison.Ordinal);
        socket.Cut();
    }

    [Fact]
    public async Task A_divided_reply_beyond_the_limit_fails_its_call_only()
    {
        await using var server = await PlayedServer.StartAsync();
        await using var client = await CallTests.ConnectAsync(server, options => options.MaxMessageSize = 1000);
        var socket = await server.NextSocketAsync();

        var call = client.CallAsync("ECHO", cancellationToken: Token);
        var id = (await socket.ReceiveCallAsync()).RequestId;
        await socket.SendAsync(id, 4, new byte[600]);
        await socket.SendAsync(id, 4, new byte[600]);
        await socket.SendAsync(id, 5, null);
        await Assert.ThrowsAsync<DuctsConnectionException>(() => call);

        var other = client.CallAsync<int>("ECHO", cancellationToken: Token);
        await socket.SendAsync((await socket.ReceiveCallAsync()).RequestId, 1000, 3);
        Assert.Equal(3, await other);
        socket.Cut();
    }
}
