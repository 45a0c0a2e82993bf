using Ducts.Sessions;
using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

public sealed class SessionTests(RedisFixture redis)
{
    private const string Opened = "a:connected b:connected";

    [Fact]
    public async Task A_session_goes_on_over_a_new_socket()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        var first = await server.OpenAsync(issued);
        await first.SendAsync("[1,1006,\"kept\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        first.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));
        server.Events.Release.SetResult();

        await using var second = await server.ReconnectAsync(issued);

        Assert.Equal("[1,1006,\"kept\"]", await second.ReceiveAsync());
        Assert.Equal("[2,1000,2]", await second.CallAsync("[2,1000,2]"));
        await Until.TrueAsync(() => server.Hooks.Seen == Opened + " a:waits b:waits a:reconnected b:reconnected");
    }

    [Fact]
    public async Task What_was_kept_comes_in_order_and_once()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        var first = await server.OpenAsync(issued);
        first.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));
        for (var i = 0; i < 5000; i++)
            await server.Sessions.PushAsync(1000, i);

        await using var second = await server.ReconnectAsync(issued);

        for (var i = 0; i < 5000; i++)
            Assert.Equal($"[null,1000,{i}]", await second.ReceiveAsync());
        Assert.Equal("[1,1000,1]", await second.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task A_new_socket_takes_over_one_that_still_looks_open()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var first = await server.OpenAsync(issued);
        Assert.Equal("[1,1000,1]", await first.CallAsync("[1,1000,1]"));

        await using var second = await server.ReconnectAsync(issued);

        Assert.Equal("close 4001 replaced", await first.ReceiveAsync());
        Assert.Equal("[2,1000,2]", await second.CallAsync("[2,1000,2]"));
        await first.DisposeAsync();
        Assert.Equal("[3,1000,3]", await second.CallAsync("[3,1000,3]"));
        Assert.Equal(Opened + " a:reconnected b:reconnected", server.Hooks.Seen);
        Assert.Equal(1, server.Sessions.Count);
    }

    [Fact]
    public async Task Many_sockets_that_take_over_at_once_leave_one_that_works()
    {
        await using var server = await WireServer.StartAsync(redis);
        for (var round = 0; round < 30; round++)
        {
            var issued = await server.IssueAsync();
            await using var first = await server.OpenAsync(issued);
            var rivals = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.ReconnectAsync(issued)));

            // All but one are told that they were replaced; then that one gets the push.
            var hearing = rivals.Select(static rival => rival.ReceiveAsync()).ToArray();
            await Until.TrueAsync(() => hearing.Count(static message => message.IsCompleted) == rivals.Length - 1);
            await server.Sessions.PushAsync(1000, round);

            var heard = await Task.WhenAll(hearing);
            Assert.Equal(rivals.Length - 1, heard.Count(static message => message == "close 4001 replaced"));
            Assert.Single(heard, $"[null,1000,{round}]");
            foreach (var rival in rivals)
                await rival.DisposeAsync();
            await server.Registry.CloseAsync(server.Session(issued), SessionEnd.Left);
        }

        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Openings_and_reconnects_at_once_leave_one_session_that_works_and_close_each_other_once()
    {
        await using var server = await WireServer.StartAsync(redis);
        for (var round = 0; round < 30; round++)
        {
            var issued = await server.IssueAsync();
            await using var first = await server.OpenAsync(issued);
            var paths = Enumerable.Range(0, 6).Select(i => i % 2 == 0 ? issued.Path : issued.ReconnectPath);
            var rivals = await Task.WhenAll(paths.Select(path => WireClient.AskAsync(server.Port, path)));
            // A reconnect may come when the old session is over and the new one not there.
            Assert.All(rivals, static rival => Assert.True(rival.Status is 101 or 403, rival.Answer));

            // An answered handshake has not taken the session over yet: only when all others are closed, the one is known.
            var hearing = rivals.Where(static rival => rival.Status == 101).Select(static rival => rival.ReceiveAsync()).ToArray();
            await Until.TrueAsync(() => hearing.Count(static task => task.IsCompleted) == hearing.Length - 1);
            await server.Sessions.PushAsync(1000, round);
            var heard = await Task.WhenAll(hearing);
            Assert.Single(heard, $"[null,1000,{round}]");
            Assert.All(heard.Where(static message => message.StartsWith('c')), static message => Assert.True(message == "close 4001 replaced", message));
            foreach (var rival in rivals)
                await rival.DisposeAsync();
            await server.Registry.CloseAsync(server.Session(issued), SessionEnd.Left);
        }

        // Every session that had begun ended, once, and its hooks saw both in order.
        await Until.TrueAsync(() => Count("b:closed") == Count("b:connected"));
        Assert.Equal(0, server.Sessions.Count);
        Assert.Equal(Count("a:connected"), Count("a:closed"));
        // The first of a round may be over before its socket is its own; the last never is.
        Assert.InRange(Count("a:connected"), 30, 30 * 4);
        Assert.Empty(server.Log.Errors);

        int Count(string hook) => server.Hooks.Seen.Split(' ').Count(seen => seen == hook);
    }

    [Fact]
    public async Task The_plain_address_of_a_live_session_ends_it_and_starts_anew()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var first = await server.OpenAsync(issued);
        await first.SendAsync("[1,1006,\"old\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        var old = server.Session(issued);

        await using var second = await server.OpenAsync(issued);

        Assert.Equal("close 4001 replaced", await first.ReceiveAsync());
        Assert.Equal("[2,1000,2]", await second.CallAsync("[2,1000,2]"));
        Assert.True(old.IsClosed);
        Assert.Equal(1, server.Events.Cancelled);
        Assert.NotSame(old, server.Session(issued));
        Assert.Equal(Opened + " a:closed b:closed " + Opened, server.Hooks.Seen);
    }

    [Fact]
    public async Task After_the_window_requests_are_cancelled_hooks_run_and_reconnecting_gets_403()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.ReconnectTimeout = TimeSpan.FromSeconds(0.1));
        var issued = await server.IssueAsync();
        var client = await server.OpenAsync(issued);
        // No ALIVE_MONITORING was ever sent; the session is freed all the same.
        await client.SendAsync("[1,1006,\"x\"]");
        await client.SendAsync("[2,1015,null]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        client.Reset();

        await Until.TrueAsync(() => server.Sessions.Count == 0);

        Assert.Equal(1, server.Events.Cancelled);
        Assert.Equal(Opened + " a:waits b:waits a:closed b:closed", server.Hooks.Seen);
        await using var late = await WireClient.AskAsync(server.Port, issued.ReconnectPath);
        Assert.Equal(403, late.Status);
    }

    [Fact]
    public async Task Hooks_run_once_each_in_order_even_when_they_throw()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        var first = await server.OpenAsync(issued);
        // Not from the begin on: a hook that throws there refuses the session.
        server.Hooks.Throws = true;
        Assert.Equal("[1,1000,1]", await first.CallAsync("[1,1000,1]"));
        await first.ConfirmAllAsync(server.Session(issued));
        first.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));
        await using var second = await server.ReconnectAsync(issued);
        Assert.Equal("[2,1000,2]", await second.CallAsync("[2,1000,2]"));
        await server.Registry.CloseAsync(server.Session(issued), SessionEnd.Left);

        Assert.Equal(Opened + " a:waits b:waits a:reconnected b:reconnected a:closed b:closed", server.Hooks.Seen);
        Assert.Equal(6, server.Log.Errors.Count(static line => line.Contains("hook", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_callback_of_a_handler_that_throws_does_not_keep_a_session_from_ending()
    {
        await using var server = await WireServer.StartAsync(redis, map: static app => Microsoft.AspNetCore.Builder.DuctsEndpointRouteBuilderExtensions.MapEvent(
            app, 2000, "BAD", (IEventSession session) => { session.Closed.Register(static () => throw new InvalidOperationException("callback")); }));
        var issued = await server.IssueAsync();
        var client = await server.OpenAsync(issued);
        await client.CallAsync("[1,2000,null]");

        await server.Registry.CloseAsync(server.Session(issued), SessionEnd.Left);
        Assert.EndsWith("a:closed b:closed", server.Hooks.Seen, StringComparison.Ordinal);
        await using var again = await server.OpenAsync(issued);
        Assert.Equal("[1,1000,1]", await again.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task Redis_has_an_entry_for_the_begin_and_one_for_the_end()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Auth.KeepQuery = ["room", "ip"]);
        var issued = await server.IssueAsync("&room=blue&token=secret&ssid=mine&ip=9.9.9.9");
        var begin = await server.Redis.XGetAsync("SESSION/2020", issued.StreamId);
        Assert.Equal(["ip", "port", "ua", "ssid", "room"], begin.Select(static field => field.Key));
        Assert.Equal("127.0.0.1", begin["ip"]);
        Assert.Equal("blue", begin["room"]);
        Assert.Matches("^[0-9a-f]{64}$", begin["ssid"]);

        await using var client = await server.OpenAsync(issued);
        var session = server.Session(issued);
        await server.Registry.CloseAsync(session, SessionEnd.Left);

        Assert.Contains(await server.Redis.XRangeAsync("SESSION/CLOSED"), entry =>
            entry.Fields["tsid"] == issued.StreamId && entry.Fields["ssid"] == begin["ssid"] && entry.Fields["room"] == "blue");
    }
}
