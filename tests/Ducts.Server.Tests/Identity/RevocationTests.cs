using System.Diagnostics;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Ducts.Sessions;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Tests.Identity;

/// <summary>Users and sessions that the application throws out.</summary>
public sealed class RevocationTests(RedisFixture redis)
{
    private IUserCollection _users = null!;

    [Fact]
    public async Task All_sessions_of_a_user_close_and_those_of_others_go_on()
    {
        await using var server = await StartAsync("SESSION/OUT");
        await using var first = await server.OpenAsync("sub=ada");
        await using var second = await server.OpenAsync("sub=ada,iss=elsewhere");
        await using var bob = await server.OpenAsync("sub=bob");
        var unused = await server.IssueAsync("sub=ada");
        Assert.Equal((2, 1, 0), (_users["ada"].Count, _users["ada", "elsewhere"].Count, _users["nobody"].Count));
        Assert.Equal(2, _users["ada"].Select(static session => session.SessionId).Distinct().Count());

        Assert.Equal(2, await _users["ada"].CloseAsync("signed out"));

        Assert.Equal("close 4401 signed out", await first.ReceiveAsync());
        Assert.Equal("close 4401 signed out", await second.ReceiveAsync());
        Assert.Equal(403, await server.AskAsync(unused.Path));
        Assert.Equal("[1,2000,\"bob\"]", await bob.CallAsync("[1,2000,null]"));
        await Until.TrueAsync(() => _users["ada"].Count == 0);
        // Who signs in again comes in again.
        await using var again = await server.OpenAsync("sub=ada");
        Assert.Equal("[1,2000,\"ada\"]", await again.CallAsync("[1,2000,null]"));
    }

    [Fact]
    public async Task Only_the_issuer_that_is_named_is_concerned()
    {
        await using var server = await StartAsync("SESSION/ISSUER");
        await using var here = await server.OpenAsync("sub=ada");
        await using var elsewhere = await server.OpenAsync("sub=ada,iss=elsewhere");

        Assert.Equal(1, await _users["ada", "elsewhere"].CloseAsync());

        Assert.Equal("close 4401", await elsewhere.ReceiveAsync());
        Assert.Equal("[1,2000,\"ada\"]", await here.CallAsync("[1,2000,null]"));
    }

    [Fact]
    public async Task A_token_that_was_issued_before_is_refused_and_a_newer_one_is_not()
    {
        await using var server = await StartAsync("SESSION/TOKENS");
        var old = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds();
        Assert.Equal(HttpStatusCode.OK, (await server.DiscoverAsync($"sub=ada,iat={old}")).Status);

        await _users["ada"].CloseAsync();

        var (status, answer, _) = await server.DiscoverAsync($"sub=ada,iat={old}");
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("signed out", answer.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.DiscoverAsync($"sub=ada,iat={DateTimeOffset.UtcNow.AddSeconds(2).ToUnixTimeSeconds()}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.DiscoverAsync($"sub=bob,iat={old}")).Status);
    }

    [Fact]
    public async Task A_session_that_another_server_has_not_closed_ends_when_it_reconnects()
    {
        await using var server = await StartAsync("SESSION/ELSEWHERE");
        await using var other = await StartAsync("SESSION/ELSEWHERE");
        var issued = await server.IssueAsync("sub=ada");
        await using var client = await server.OpenAsync(issued);
        var ticket = await server.IssueAsync("sub=ada");

        await _users["ada"].CloseAsync();

        Assert.StartsWith("[\"auth\",-10,\"PermissionError('the authentication of the ticket has expired", await UserServer.AuthenticateAsync(client, ticket), StringComparison.Ordinal);
        Assert.Equal(403, await server.AskAsync(issued.ReconnectPath));
        Assert.Equal("close 4401 signed out", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_handler_closes_its_session_whose_URL_opens_nothing_any_more()
    {
        await using var server = await StartAsync("SESSION/CLOSE");
        var issued = await server.IssueAsync(null);
        await using var client = await server.OpenAsync(issued);

        await client.SendAsync("[1,2001,\"enough\"]");

        Assert.Equal("close 4005 enough", await client.ReceiveAsync());
        await Until.TrueAsync(() => server.Wire.Sessions.Count == 0);
        Assert.Equal((403, 403), (await server.AskAsync(issued.Path), await server.AskAsync(issued.ReconnectPath)));
        Assert.EndsWith("a:closed b:closed", server.Wire.Hooks.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_is_being_opened_when_its_session_ends_is_told_why()
    {
        await using var server = await StartAsync("SESSION/LATE");
        for (var round = 0; round < 50; round++)
        {
            // Another user each time: who signs in within the millisecond of the sign-out is not believed.
            await using var client = await server.OpenAsync($"sub=ada{round}");

            // The handshake has been answered; whether the session has the connection by now is left to chance.
            await _users[$"ada{round}"].CloseAsync("out");

            Assert.Equal("close 4401 out", await client.ReceiveAsync());
        }
    }

    [Fact]
    public async Task The_first_reason_of_an_end_stays_and_who_comes_back_too_late_asks_discovery_anew()
    {
        await using var server = await StartAsync("SESSION/FIRST");
        var issued = await server.IssueAsync("sub=ada");
        await using var client = await server.OpenAsync(issued);
        var session = server.Wire.Session(issued);
        Assert.Null(session.End);

        session.BeginEnd(new SessionEnd(4401, "first"));
        await server.Wire.Registry.CloseAsync(session, SessionEnd.Left);

        Assert.Equal(new SessionEnd(4401, "first"), session.End);
        Assert.Equal(session.End, session.End!.ToLateConnection);
        Assert.Equal(new SessionEnd(4005, "the session is over"), SessionEnd.Left.ToLateConnection);
    }

    [Fact]
    public async Task A_ticket_that_was_read_before_it_was_made_void_opens_nothing()
    {
        await using var server = await StartAsync("SESSION/READ");
        var issued = await server.IssueAsync("sub=ada");
        await using var client = await server.OpenAsync(issued);
        var session = server.Wire.Session(issued);
        var read = session.Ticket;

        await server.Wire.Registry.EndNowAsync(session, new SessionEnd(4005, "out"), TestContext.Current.CancellationToken);

        Assert.Null((await server.Wire.Registry.OpenAsync(read, read.User)).Session);
        Assert.Equal("close 4005 out", await client.ReceiveAsync());
        await Until.TrueAsync(() => server.Wire.Sessions.Count == 0);
    }

    [Fact]
    public async Task A_ticket_of_a_token_from_before_a_sign_out_opens_nothing()
    {
        await using var server = await StartAsync("SESSION/BETWEEN");
        var now = DateTimeOffset.UtcNow;
        var issued = await server.IssueAsync($"sub=ada,iat={now.AddHours(-1).ToUnixTimeSeconds()}");
        var user = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("*ada")));

        // Another server signs the user out, and its word comes between the look at the token and the writing of the ticket.
        await server.Wire.Redis.ExecuteAsync("SET", $"SESSION/BETWEEN/NOT_BEFORE/{user}", now.AddMinutes(-1).ToUnixTimeMilliseconds());

        Assert.Equal(403, await server.AskAsync(issued.Path));
    }

    [Fact]
    public async Task A_session_that_is_closed_before_it_is_counted_is_not_counted()
    {
        IServiceProvider services = null!;
        await using var server = await UserServer.StartAsync(redis, static options => options.Limit.SessionsPerUser = 1, app => services = app.Services);
        var (index, context) = (services.GetRequiredService<SessionIndex>(), services.GetRequiredService<SessionContext>());
        var user = new SessionUser(new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "ada")], "test")));
        using var early = new Session(context, new SessionTicket("1-0", SessionFields.Empty), user);
        using var never = new Session(context, new SessionTicket("2-0", SessionFields.Empty), user);
        using var next = new Session(context, new SessionTicket("3-0", SessionFields.Empty), user);

        index.Remove(early);
        Assert.Equal(SessionCount.Free, index.TryAdd(early));
        Assert.Empty(index.Of("ada", null));
        Assert.Equal(SessionCount.Free, index.TryAdd(next));
        Assert.Equal(SessionCount.FullForUser, index.TryAdd(never));
        index.Remove(never);
        Assert.Same(next, Assert.Single(index.Of("ada", null)));
    }

    [Fact]
    public async Task Ten_thousand_sessions_of_one_user_end_and_one_of_another_goes_on()
    {
        const int Count = 10_000;
        await using var server = await StartAsync("SESSION/MANY");
        await using var bob = await server.OpenAsync("sub=bob");
        var principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "ada")], "test"));
        for (var i = 1; i <= Count; i++)
            await server.Wire.Registry.OpenAsync(new SessionTicket($"{i}-0", SessionFields.Empty), new SessionUser(principal));

        var began = Stopwatch.GetTimestamp();
        Assert.Equal(Count, await _users["ada"].CloseAsync());
        TestContext.Current.SendDiagnosticMessage("closed after {0} ms", Stopwatch.GetElapsedTime(began).TotalMilliseconds);

        await Until.TrueAsync(() => server.Wire.Sessions.Count == 1);
        TestContext.Current.SendDiagnosticMessage("gone after {0} ms", Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        Assert.Equal(0, _users["ada"].Count);
        Assert.Equal("[1,2000,\"bob\"]", await bob.CallAsync("[1,2000,null]"));
    }

    [Fact]
    public async Task A_reason_that_no_close_frame_has_room_for_is_refused()
    {
        await using var server = await StartAsync("SESSION/REASON");
        await using var client = await server.OpenAsync("sub=ada");
        var reason = new string('\u00e9', 62);

        await Assert.ThrowsAsync<ArgumentException>(() => _users["ada"].CloseAsync(reason));
        await Assert.ThrowsAsync<ArgumentException>(() => server.Wire.Sessions.Single().CloseAsync(reason));
        Assert.Throws<ArgumentException>(() => _users[""]);
        Assert.Equal("[1,2000,\"ada\"]", await client.CallAsync("[1,2000,null]"));
    }

    [Fact]
    public async Task A_session_that_a_hook_refuses_cannot_be_opened_by_the_same_ticket_again()
    {
        await using var server = await StartAsync("SESSION/REFUSED");
        var issued = await server.IssueAsync("sub=ada");
        server.Wire.Hooks.Throws = true;
        Assert.Equal(403, await server.AskAsync(issued.Path));
        server.Wire.Hooks.Throws = false;

        Assert.Equal(403, await server.AskAsync(issued.Path));
    }

    [Fact]
    public async Task A_user_and_an_address_have_no_more_sessions_than_they_may()
    {
        await using var server = await UserServer.StartAsync(redis, static options => (options.Limit.SessionsPerUser, options.Limit.SessionsPerAddress) = (2, 4));
        await using var first = await server.OpenAsync("sub=ada");
        var (second, third) = (await server.IssueAsync("sub=ada"), await server.IssueAsync("sub=ada"));
        await using var open = await server.OpenAsync(second);

        Assert.Equal(429, await server.AskAsync(third.Path));
        // Who only authenticates again opens no session.
        Assert.Equal("[\"auth\",10,true]", await server.AuthenticateAsync(first, "sub=ada"));
        // The same session again is none more.
        await using var again = await server.Wire.ReconnectAsync(second);

        await using var bob = await server.OpenAsync("sub=bob");
        await using var nobody = await server.OpenAsync((string?)null);
        var (status, answer, response) = await server.DiscoverAsync(null);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Contains("sessions_per_address", answer.ToString(), StringComparison.Ordinal);

        first.Reset();
        await server.Wire.Sessions.First().CloseAsync();
        await Until.TrueAsync(() => server.Wire.Sessions.Count == 3);
        await using var next = await server.OpenAsync((string?)null);
    }

    private Task<UserServer> StartAsync(string key) => UserServer.StartAsync(
        redis,
        options => options.Auth.StreamKeyForSessionOpened = key,
        app =>
        {
            _users = app.Services.GetRequiredService<IUserCollection>();
            app.MapEvent(2001, "LEAVE", static (string reason, IEventSession session) => session.CloseAsync(reason));
        });
}
