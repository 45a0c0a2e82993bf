using Ducts.Tests.Support;

namespace Ducts.Tests.Identity;

/// <summary>Authentication that expires during a session, and AUTHENTICATE, which renews it.</summary>
public sealed class ExpiryTests(RedisFixture redis)
{
    private const string Expired = "PermissionError('the authentication has expired; authenticate again')";

    [Fact]
    public async Task After_the_expiry_only_AUTHENTICATE_and_CANCEL_are_served_until_the_user_is_renewed()
    {
        await using var server = await UserServer.StartAsync(redis);
        var issued = await server.IssueAsync(server.Expiring("sub=ada", TimeSpan.FromMinutes(1)));
        await using var client = await server.OpenAsync(issued);
        Assert.Equal("[1,2000,\"ada\"]", await client.CallAsync("[1,2000,null]"));

        server.Time.PutForward(TimeSpan.FromSeconds(61));
        await Until.TrueAsync(() => server.Wire.Session(issued).Rights.Gate is not null);

        Assert.Equal($"[2,-2000,\"{Expired}\"]", await client.CallAsync("[2,2000,null]"));
        Assert.Equal("[3,6,false]", await client.CallAsync("[3,6,99]"));
        Assert.Equal("[\"auth\",10,true]", await server.AuthenticateAsync(client, server.Expiring("sub=ada,role=admin", TimeSpan.FromMinutes(1))));
        Assert.Equal("[4,2000,\"ada\"]", await client.CallAsync("[4,2000,null]"));
        Assert.True(server.Wire.Session(issued).User.Principal.IsInRole("admin"));
    }

    [Fact]
    public async Task A_session_whose_user_is_not_renewed_ends_with_4401_and_its_URL_opens_nothing()
    {
        await using var server = await UserServer.StartAsync(redis, static options => options.Auth.AuthGrace = TimeSpan.FromSeconds(30));
        var issued = await server.IssueAsync(server.Expiring("sub=ada", TimeSpan.FromMinutes(1)));
        await using var client = await server.OpenAsync(issued);

        server.Time.PutForward(TimeSpan.FromSeconds(92));

        Assert.Equal("close 4401 the authentication has expired", await client.ReceiveAsync());
        await Until.TrueAsync(() => server.Wire.Sessions.Count == 0);
        Assert.Equal(403, await server.AskAsync(issued.Path));
        Assert.Equal(403, await server.AskAsync(issued.ReconnectPath));
        Assert.False((await server.Wire.Redis.ExecuteAsync("EXISTS", $"SESSION/2020/TICKET/{issued.StreamId}")).AsBoolean());
    }

    [Fact]
    public async Task Without_a_grace_a_session_ends_as_soon_as_its_user_has_expired()
    {
        await using var server = await UserServer.StartAsync(redis, static options => options.Auth.AuthGrace = TimeSpan.Zero);
        await using var client = await server.OpenAsync(server.Expiring("sub=ada", TimeSpan.FromMinutes(1)));

        server.Time.PutForward(TimeSpan.FromSeconds(61));

        Assert.Equal("close 4401 the authentication has expired", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_session_that_waits_for_a_reconnect_ends_when_its_user_is_not_renewed()
    {
        await using var server = await UserServer.StartAsync(redis, static options => options.WebSocketServer.ReconnectTimeout = TimeSpan.FromHours(1));
        var issued = await server.IssueAsync(server.Expiring("sub=ada", TimeSpan.FromMinutes(1)));
        (await server.OpenAsync(issued)).Reset();
        await Until.TrueAsync(() => server.Wire.Hooks.Seen.Contains("a:waits", StringComparison.Ordinal));

        server.Time.PutForward(TimeSpan.FromSeconds(70));
        await using (var back = await server.Wire.ReconnectAsync(issued))
        {
            await Until.TrueAsync(() => server.Wire.Session(issued).Rights.Gate is not null);
            Assert.Equal($"[1,-2000,\"{Expired}\"]", await back.CallAsync("[1,2000,null]"));
        }

        server.Time.PutForward(TimeSpan.FromSeconds(70));
        await Until.TrueAsync(() => server.Wire.Sessions.Count == 0);
    }

    [Fact]
    public async Task A_ticket_whose_user_has_expired_since_opens_nothing()
    {
        await using var server = await UserServer.StartAsync(redis);
        var issued = await server.IssueAsync(server.Expiring("sub=ada", TimeSpan.FromMinutes(1)));

        server.Time.PutForward(TimeSpan.FromSeconds(61));

        Assert.Equal(403, await server.AskAsync(issued.Path));
    }

    [Theory]
    [InlineData("sub=eve", "the ticket is of another user; open a new session with it")]
    [InlineData("sub=ada,iss=elsewhere", "the ticket is of another user; open a new session with it")]
    [InlineData(null, "the ticket is of another user; open a new session with it")]
    public async Task A_ticket_of_another_user_changes_nothing(string? claims, string problem)
    {
        await using var server = await UserServer.StartAsync(redis);
        await using var client = await server.OpenAsync("sub=ada");

        Assert.Equal($"[\"auth\",-10,\"PermissionError('{problem}')\"]", await server.AuthenticateAsync(client, claims));
        Assert.Equal("[1,2000,\"ada\"]", await client.CallAsync("[1,2000,null]"));
    }

    [Fact]
    public async Task A_ticket_authenticates_once_and_opens_no_session_besides()
    {
        await using var server = await UserServer.StartAsync(redis);
        await using var client = await server.OpenAsync("sub=ada");
        var ticket = await server.IssueAsync("sub=ada");

        Assert.Equal("[\"auth\",10,true]", await UserServer.AuthenticateAsync(client, ticket));
        Assert.StartsWith("[\"auth\",-10,\"PermissionError('there is no such ticket", await UserServer.AuthenticateAsync(client, ticket), StringComparison.Ordinal);
        Assert.Equal(403, await server.AskAsync(ticket.Path));
    }

    [Fact]
    public async Task A_ticket_that_is_older_than_the_sessions_brings_no_rights_back()
    {
        await using var server = await UserServer.StartAsync(redis);
        var before = await server.IssueAsync("sub=ada,role=admin");
        var issued = await server.IssueAsync("sub=ada,role=admin");
        var between = await server.IssueAsync("sub=ada,role=admin");
        await using var client = await server.OpenAsync(issued);
        Assert.Equal("[\"auth\",10,true]", await server.AuthenticateAsync(client, "sub=ada,role=clerk"));

        foreach (var older in new[] { before, between })
            Assert.StartsWith("[\"auth\",-10,\"PermissionError('the session has a newer ticket", await UserServer.AuthenticateAsync(client, older), StringComparison.Ordinal);
        Assert.False(server.Wire.Session(issued).User.Principal.IsInRole("admin"));
    }

    [Fact]
    public async Task A_session_without_a_user_gets_none()
    {
        await using var server = await UserServer.StartAsync(redis);
        await using var client = await server.OpenAsync((string?)null);

        Assert.StartsWith("[\"auth\",-10,\"PermissionError('this session has no user", await server.AuthenticateAsync(client, "sub=ada"), StringComparison.Ordinal);
        Assert.Equal("[1,2000,\"nobody\"]", await client.CallAsync("[1,2000,null]"));
    }

    [Theory]
    [InlineData("null", "TypeError")]
    [InlineData("{}", "TypeError")]
    [InlineData("{\"ticket\":5}", "TypeError")]
    [InlineData("[\"x\"]", "TypeError")]
    [InlineData("{\"ticket\":\"\"}", "PermissionError")]
    [InlineData("{\"ticket\":\"0123456789012345678901234567890123456789.MS0w\"}", "PermissionError")]
    public async Task What_is_no_ticket_is_refused(string data, string error)
    {
        await using var server = await UserServer.StartAsync(redis);
        await using var client = await server.OpenAsync("sub=ada");

        Assert.StartsWith($"[1,-10,\"{error}(", await client.CallAsync($"[1,10,{data}]"), StringComparison.Ordinal);
    }
}
