using Ducts.Connections;
using Ducts.Sessions;
using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

/// <summary>Hooks that refuse, fail or hang.</summary>
public sealed class HookTests(RedisFixture redis)
{
    private const string Opened = "a:connected b:connected";

    private readonly HookScript _script = new();
    private readonly TaskCompletionSource _never = new();

    [Fact]
    public async Task A_connected_hook_that_throws_refuses_the_session_with_403_and_its_text_goes_to_the_log_only()
    {
        _script.Connected = static (_, _) => throw new InvalidOperationException("the secret reason");
        await using var server = await _script.StartAsync(redis);
        var issued = await server.IssueAsync();

        await using var refused = await WireClient.AskAsync(server.Port, issued.Path);

        Assert.Equal(403, refused.Status);
        Assert.DoesNotContain("secret", refused.Answer, StringComparison.Ordinal);
        await Until.TrueAsync(() => server.Sessions.Count == 0);
        // The other handlers were told of the begin, and so they are told of the end.
        Assert.Equal(Opened + " a:closed b:closed", server.Hooks.Seen);
        Assert.Contains("HandleConnectedAsync of Scripted failed for session SS.", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
        Assert.Contains("the secret reason", server.Log.Errors[0], StringComparison.Ordinal);
        await using var again = await WireClient.AskAsync(server.Port, issued.ReconnectPath);
        Assert.Equal(403, again.Status);
    }

    [Fact]
    public async Task A_refusal_by_an_EventException_is_no_error_of_the_server()
    {
        _script.Connected = static (session, _) =>
            session.Query.ContainsKey("member") ? Task.CompletedTask : throw EventException.PermissionDenied("members only");
        await using var server = await _script.StartAsync(redis);

        await using var refused = await WireClient.AskAsync(server.Port, (await server.IssueAsync()).Path);
        await using var member = await server.OpenAsync(await server.IssueAsync("&member=1"));

        Assert.Equal(403, refused.Status);
        Assert.Equal("[1,1000,1]", await member.CallAsync("[1,1000,1]"));
        Assert.Empty(server.Log.Errors);
        Assert.Contains(server.Log.All, static line => line.Contains("refused session", StringComparison.Ordinal) && line.Contains("members only", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connected_hook_that_hangs_refuses_the_session_when_its_time_is_over(bool keepsThread)
    {
        var cancelled = new TaskCompletionSource();
        _script.Connected = (_, token) =>
        {
            token.Register(cancelled.SetResult);
            return Hang(keepsThread);
        };
        await using var server = await _script.StartAsync(redis, static options => options.WebSocketServer.HookTimeout = TimeSpan.FromSeconds(0.2));

        await using var refused = await WireClient.AskAsync(server.Port, (await server.IssueAsync()).Path);

        Assert.Equal(403, refused.Status);
        await cancelled.Task.WaitAsync(Until.Patience);
        await Until.TrueAsync(() => server.Sessions.Count == 0);
        Assert.Contains("HandleConnectedAsync of Scripted did not complete", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
        _never.SetResult();
    }

    [Fact]
    public async Task A_client_that_gives_up_during_the_connected_hook_ends_its_session()
    {
        var entered = new TaskCompletionSource();
        _script.Connected = async (_, token) =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        };
        await using var server = await _script.StartAsync(redis);
        var issued = await server.IssueAsync();
        var asking = await WireClient.ConnectAsync(server.Port);
        await asking.SendRawAsync(System.Text.Encoding.ASCII.GetBytes(
            $"GET {issued.Path} HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        await entered.Task.WaitAsync(Until.Patience);

        asking.Reset();

        await Until.TrueAsync(() => server.Hooks.Seen == Opened + " a:closed b:closed" && server.Sessions.Count == 0);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connected_hook_that_pushes_more_than_is_kept_goes_on_over_the_socket_and_may_still_refuse(bool refuses)
    {
        var item = new byte[1024 * 1024];
        _script.Connected = async (session, token) =>
        {
            for (var i = 0; i < 8; i++)
                await session.PushAsync(1000, item, token);
            if (refuses)
                throw EventException.PermissionDenied("not you");
        };
        await using var server = await _script.StartAsync(redis);

        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,1000,1]");

        // A refusal does not wait for what is queued.
        var (opcode, message) = await client.ReceiveBytesAsync();
        var items = 0;
        for (; message.Length > item.Length; items++)
            (opcode, message) = await client.ReceiveBytesAsync();
        Assert.Equal(refuses ? Opcode.Close : Opcode.Binary, opcode);
        if (refuses)
            Assert.Equal([0x03, 0xf0, .. "refused"u8], message);
        else
            Assert.Equal((8, "[1,1000,1]"), (items, Packed.ToJson(message)));
        await client.DisposeAsync();
        if (refuses)
            await Until.TrueAsync(() => server.Sessions.Count == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_closed_hook_that_hangs_does_not_keep_the_session_from_being_opened_anew(bool keepsThread)
    {
        _script.Closed = (_, _) => Hang(keepsThread);
        await using var server = await _script.StartAsync(redis, static options => options.WebSocketServer.HookTimeout = TimeSpan.FromSeconds(0.2));
        var issued = await server.IssueAsync();
        await using var first = await server.OpenAsync(issued);

        await using var second = await server.OpenAsync(issued);

        Assert.Equal("close 4001 replaced", await first.ReceiveAsync());
        Assert.Equal("[1,1000,1]", await second.CallAsync("[1,1000,1]"));
        Assert.Contains("HandleClosedAsync of Scripted did not complete", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
        _never.SetResult();
    }

    [Fact]
    public async Task Hooks_that_hang_when_the_socket_is_lost_and_regained_hold_up_those_that_follow_for_their_time_only()
    {
        _script.WaitsForReconnect = (_, _) => _never.Task;
        _script.Reconnected = (_, _) => _never.Task;
        await using var server = await _script.StartAsync(redis, static options => options.WebSocketServer.HookTimeout = TimeSpan.FromSeconds(0.2));
        var issued = await server.IssueAsync();
        var first = await server.OpenAsync(issued);
        first.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.EndsWith("b:waits", StringComparison.Ordinal));
        await using var second = await server.ReconnectAsync(issued);
        Assert.Equal("[1,1000,1]", await second.CallAsync("[1,1000,1]"));
        await server.Registry.CloseAsync(server.Session(issued), SessionEnd.Left);

        Assert.Equal(Opened + " a:waits b:waits a:reconnected b:reconnected a:closed b:closed", server.Hooks.Seen);
        Assert.Equal(2, server.Log.Errors.Count);
        _never.SetResult();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_closed_hook_that_hangs_does_not_keep_the_server_from_stopping_and_the_end_is_recorded(bool keepsThread)
    {
        // Far longer than the patience of the test: the stop does not wait for it.
        _script.Closed = (_, _) => Hang(keepsThread);
        await using var server = await _script.StartAsync(redis, static options =>
        {
            options.WebSocketServer.HookTimeout = TimeSpan.FromHours(1);
            options.WebSocketServer.ShutdownTimeout = TimeSpan.FromSeconds(0.1);
        });
        var issued = await server.IssueAsync();
        await using var client = await server.OpenAsync(issued);
        var session = server.Session(issued);

        await server.StopAsync().WaitAsync(Until.Patience);

        Assert.True(session.Ended.IsCompleted);
        Assert.Contains("HandleClosedAsync of Scripted did not complete", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
        _never.SetResult();
    }

    [Fact]
    public async Task A_closed_hook_has_what_requests_have_left_of_the_time_to_stop()
    {
        var stopped = new TaskCompletionSource();
        var cleaned = false;
        _script.Closed = async (_, token) =>
        {
            stopped.SetResult();
            // Longer than the least that a hook has.
            await Task.Delay(TimeSpan.FromSeconds(1.5), token);
            cleaned = true;
        };
        await using var server = await _script.StartAsync(redis, static options => options.WebSocketServer.ShutdownTimeout = TimeSpan.FromSeconds(50));
        await using var client = await server.OpenAsync();

        await server.StopAsync().WaitAsync(Until.Patience);

        Assert.True(cleaned);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_whose_Setup_hangs_is_left_out_and_the_server_starts(bool keepsThread)
    {
        _script.SettingUp = _ => Hang(keepsThread);
        await using var server = await _script.StartAsync(redis, static options => options.WebSocketServer.HookTimeout = TimeSpan.FromSeconds(0.2));

        await using var client = await server.OpenAsync();

        Assert.StartsWith("[1,-3100,\"KeyError(", await client.CallAsync("[1,3100,null]"), StringComparison.Ordinal);
        Assert.Contains("its Setup did not complete within 0.2 s; let it complete earlier, or raise hook_timeout", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
        _never.SetResult();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_that_hangs_in_its_disposal_does_not_keep_the_server_from_stopping(bool keepsThread)
    {
        _script.Disposing = () => new ValueTask(Hang(keepsThread));
        await using var server = await _script.StartAsync(redis, static options => options.WebSocketServer.ShutdownTimeout = TimeSpan.FromSeconds(0.1));

        await server.StopAsync().WaitAsync(Until.Patience);

        Assert.Contains("Disposing the handler of event SCRIPTED did not complete in time", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
        _never.SetResult();
    }

    private Task Hang(bool keepsThread)
    {
        if (keepsThread)
            _never.Task.Wait(TimeSpan.FromMinutes(5));
        return _never.Task;
    }
}
