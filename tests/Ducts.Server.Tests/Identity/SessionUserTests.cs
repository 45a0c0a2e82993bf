using System.Net;
using System.Security.Claims;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ducts.Server.Tests.Discovery;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Tests.Identity;

/// <summary>Who the user of a session is: found by service discovery, kept with the ticket, compared at each WebSocket.</summary>
public sealed class SessionUserTests(RedisFixture redis)
{
    [Fact]
    public async Task The_user_of_service_discovery_is_the_sessions_without_a_header_at_the_WebSocket()
    {
        await using var server = await UserServer.StartAsync(redis);
        await using var ada = await server.OpenAsync("sub=ada");
        await using var nobody = await server.OpenAsync((string?)null);

        Assert.Equal("[1,2000,\"ada\"]", await ada.CallAsync("[1,2000,null]"));
        Assert.Equal("[1,2000,\"nobody\"]", await nobody.CallAsync("[1,2000,null]"));
    }

    [Fact]
    public async Task Discovery_tells_a_client_who_it_is_and_when_to_authenticate_again()
    {
        await using var server = await UserServer.StartAsync(redis);
        var (_, ada, _) = await server.DiscoverAsync(server.Expiring("sub=ada", TimeSpan.FromHours(1)));
        var (_, bob, _) = await server.DiscoverAsync("sub=bob");
        var (_, nobody, _) = await server.DiscoverAsync(null);

        Assert.Equal("ada", ada.GetProperty("user").GetString());
        Assert.InRange(ada.GetProperty("auth_expires_in").GetDouble(), 1, 3600);
        Assert.Equal("bob", bob.GetProperty("user").GetString());
        Assert.False(bob.TryGetProperty("auth_expires_in", out _));
        Assert.False(nobody.TryGetProperty("user", out _));
    }

    [Fact]
    public async Task Redis_has_nothing_readable_of_the_user_and_the_query()
    {
        await using var server = await UserServer.StartAsync(redis, static options => options.Auth.StreamKeyForSessionOpened = "SESSION/SEALED");
        var issued = await server.IssueAsync("sub=ada-lovelace,role=mathematician", "&room=analytical-engine");
        var ticket = (await server.Wire.Redis.ExecuteAsync("GET", $"SESSION/SEALED/TICKET/{issued.StreamId}")).AsString()!;
        var entry = await server.Wire.Redis.XGetAsync("SESSION/SEALED", issued.StreamId);

        await using var client = await server.OpenAsync(issued);

        Assert.Equal("[1,2000,\"ada-lovelace\"]", await client.CallAsync("[1,2000,null]"));
        Assert.Equal("analytical-engine", server.Wire.Session(issued).Ticket.Query["room"]);
        Assert.Equal(["ip", "port", "ua", "ssid"], entry.Select(static field => field.Key));
        foreach (var word in (string[])["ada", "lovelace", "mathematician", "room", "engine"])
        {
            Assert.DoesNotContain(word, ticket, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task A_sealed_user_that_is_moved_to_another_ticket_opens_nothing()
    {
        await using var server = await UserServer.StartAsync(redis, static options => options.Auth.StreamKeyForSessionOpened = "SESSION/MOVED");
        var (admin, mine) = (await server.IssueAsync("sub=admin"), await server.IssueAsync("sub=mallory"));
        var texts = await Task.WhenAll(new[] { admin, mine }.Select(async issued => await ReadAsync(issued)));
        var user = texts[0][Array.IndexOf(texts[0], "user") + 1];
        texts[1][Array.IndexOf(texts[1], "user") + 1] = user;
        await server.Wire.Redis.ExecuteAsync("SET", KeyOf(mine), JsonSerializer.Serialize(texts[1]));

        Assert.Equal(403, await server.AskAsync(mine.Path));
        Assert.Equal(101, await server.AskAsync(admin.Path));

        static string KeyOf(Issued issued) => $"SESSION/MOVED/TICKET/{issued.StreamId}";

        async Task<string[]> ReadAsync(Issued issued) =>
            JsonSerializer.Deserialize<string[]>((await server.Wire.Redis.ExecuteAsync("GET", KeyOf(issued))).AsString()!)!;
    }

    [Theory]
    [InlineData(null, 101)]
    [InlineData("sub=ada", 101)]
    [InlineData("sub=ada,role=other", 101)]
    [InlineData("sub=eve", 403)]
    [InlineData("sub=ada,iss=elsewhere", 403)]
    public async Task Another_users_URL_opens_nothing_for_who_says_who_he_is(string? claims, int status)
    {
        await using var server = await UserServer.StartAsync(redis);
        var issued = await server.IssueAsync("sub=ada");

        Assert.Equal(status, await server.AskAsync(issued.Path, claims));

        await using var own = await server.OpenAsync(issued);
        Assert.Equal(status, await server.AskAsync(issued.ReconnectPath, claims));
        Assert.Equal("[1,2000,\"ada\"]", await (status == 101 ? await server.Wire.ReconnectAsync(issued) : own).CallAsync("[1,2000,null]"));
    }

    [Theory]
    [InlineData(null, 101)]
    [InlineData("role=admin", 101)]
    [InlineData("sub=eve", 403)]
    public async Task A_user_whose_credentials_name_no_subject_opens_what_its_discovery_gave_it(string? claims, int status)
    {
        await using var server = await UserServer.StartAsync(redis);
        var issued = await server.IssueAsync("role=admin");

        Assert.Equal(status, await server.AskAsync(issued.Path, claims));

        await using var own = await server.OpenAsync(issued);
        Assert.Equal(status, await server.AskAsync(issued.ReconnectPath, claims));
    }

    [Fact]
    public async Task A_user_whom_only_the_WebSockets_request_names_and_who_has_expired_opens_nothing()
    {
        await using var server = await UserServer.StartAsync(redis, map: static app => app.Use((context, next) =>
        {
            if (context.Request.Headers.Upgrade.Count > 0)
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "ada"), new Claim("exp", "1")], "test"));
            return next();
        }));

        Assert.Equal(403, await server.AskAsync((await server.IssueAsync(null)).Path));
    }

    [Fact]
    public async Task A_session_that_a_script_opened_has_no_user_whoever_comes_with_its_URL()
    {
        await using var server = await UserServer.StartAsync(redis);
        var script = await RawHttp.GetAsync(server.Wire.Port, "/ducts/main", UserServer.HeaderOf("sub=ada").TrimEnd());
        using var answer = JsonDocument.Parse(Regex.Match(script, "\\{\"websocket_host\".*\\}(?=\\);)").Value);
        var url = new Uri(answer.RootElement.GetProperty("websocket_url").GetString()!);

        await using var client = await WireClient.AskAsync(server.Wire.Port, url.AbsolutePath, UserServer.HeaderOf("sub=ada"));

        Assert.Equal(101, client.Status);
        Assert.Equal("[1,2000,\"nobody\"]", await client.CallAsync("[1,2000,null]"));
    }

    [Theory]
    [InlineData("bad", "not valid")]
    [InlineData("sub=ada,exp=1", "have expired")]
    [InlineData("sub=ada,exp=soon", "has expired")]
    [InlineData("sub=ada,exp=", "has expired")]
    [InlineData("sub=ada,exp=-9999999999", "has expired")]
    [InlineData("sub=ada,exp=NaN", "has expired")]
    public async Task Credentials_that_are_not_accepted_get_401_instead_of_a_session_without_a_user(string claims, string reason)
    {
        await using var server = await UserServer.StartAsync(redis);

        var (status, answer, _) = await server.DiscoverAsync(claims);

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains(reason, answer.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("9999999999")]
    [InlineData("9223372036854775807")]
    [InlineData("1e300")]
    public async Task Credentials_that_expire_far_in_the_future_hold(string expiry)
    {
        await using var server = await UserServer.StartAsync(redis);
        await using var client = await server.OpenAsync($"sub=ada,exp={expiry}");

        Assert.Equal("[1,2000,\"ada\"]", await client.CallAsync("[1,2000,null]"));
    }

    [Fact]
    public async Task Discovery_that_requires_a_user_opens_WebSockets_that_send_no_credentials()
    {
        await using var server = await UserServer.StartAsync(
            redis,
            services: static services => services.AddAuthorization(),
            conventions: static endpoints => endpoints.RequireAuthorization());
        var (status, _, _) = await server.DiscoverAsync(null);
        await using var client = await server.OpenAsync("sub=ada");

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Equal("[1,2000,\"ada\"]", await client.CallAsync("[1,2000,null]"));
        Assert.Contains(" 401 ", (await RawHttp.GetAsync(server.Wire.Port, "/ducts/main")).Split('\n')[0], StringComparison.Ordinal);
        Assert.Contains(" 403 ", (await RawHttp.GetAsync(server.Wire.Port, "/ducts/main", UserServer.HeaderOf("sub=ada").TrimEnd())).Split('\n')[0], StringComparison.Ordinal);
    }
}
