using System.Net;
using System.Text.Json;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Server.Tests.Identity;

/// <summary>A caller is shown what it may call.</summary>
public class EventListTests(RedisFixture redis)
{
    [Fact]
    public async Task Lists_leave_out_what_the_caller_may_not_call()
    {
        await using var server = await StartAsync();
        foreach (var (user, expected) in ((string?, string[])[])
        [
            (null, ["OPEN", "PER_CALL"]),
            ("ada", ["OPEN", "USERS", "PER_CALL"]),
            ("ada role=admin", ["OPEN", "USERS", "ADMINS", "PER_CALL"]),
        ])
        {
            using var discovery = await server.DiscoverAsync(user);
            Assert.Equal(expected, discovery.RootElement.GetProperty("EVENT").EnumerateObject().Where(static each => each.Value.GetInt32() >= 3000).Select(static each => each.Name));
            using var list = await server.GetAsync("/ducts/libs/events.json", user);
            using var events = JsonDocument.Parse(await list.Content.ReadAsStringAsync());
            Assert.Equal(expected, events.RootElement.EnumerateArray().Where(static each => each.GetProperty("id").GetInt32() >= 3000).Select(static each => each.GetProperty("key").GetString()));
            using var ids = await server.GetAsync("/ducts/api/v1/event", user);
            Assert.Equal(expected.Contains("ADMINS"), (await ids.Content.ReadAsStringAsync()).Contains("ADMINS", StringComparison.Ordinal));
            foreach (var answer in (HttpResponseMessage[])[list, ids])
            {
                Assert.True(answer.Headers.CacheControl is { Private: true, NoCache: true });
                Assert.Superset(new HashSet<string> { "Authorization", "Cookie" }, answer.Headers.Vary.ToHashSet());
            }

            using var spec = await server.GetAsync("/ducts/api/v1/event/3002", user);
            Assert.Equal(expected.Contains("ADMINS") ? HttpStatusCode.OK : HttpStatusCode.NotFound, spec.StatusCode);
        }
    }

    [Fact]
    public async Task Without_events_that_ask_for_users_all_are_shown_the_same_and_may_share_it()
    {
        await using var server = await GuardedServer.StartAsync(redis, map: static app => app.MapEvent(3000, "OPEN", static () => 1));
        using var list = await server.GetAsync("/ducts/libs/events.json", "ada");
        Assert.Equal("no-cache", list.Headers.CacheControl!.ToString());
        Assert.DoesNotContain("Cookie", list.Headers.Vary);
    }

    [Fact]
    public async Task A_page_that_loads_discovery_as_a_script_is_shown_what_everybody_may_call()
    {
        await using var server = await StartAsync();
        using var script = await server.GetAsync("/ducts/main", "ada role=admin");
        var text = await script.Content.ReadAsStringAsync();
        Assert.Contains("\"OPEN\":3000", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ADMINS", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_default_only_what_is_marked_is_shown_to_everybody()
    {
        await using var server = await GuardedServer.StartAsync(
            redis,
            map: static app =>
            {
                app.MapEvent(3000, "OPEN", static () => 1).AllowAnonymous();
                app.MapEvent(3001, "UNMARKED", static () => 1);
            },
            configure: static options => options.Auth.AuthorizeByDefault = true);
        using var nobody = await server.DiscoverAsync();
        using var ada = await server.DiscoverAsync("ada");
        Assert.Equal((true, false, false, true), Shown(nobody));
        Assert.Equal((true, true, true, true), Shown(ada));

        static (bool Open, bool Unmarked, bool Redis, bool Ping) Shown(JsonDocument discovery)
        {
            var events = discovery.RootElement.GetProperty("EVENT");
            return (Has("OPEN"), Has("UNMARKED"), Has("REDIS_EXECUTE"), Has("PING"));
            bool Has(string key) => events.TryGetProperty(key, out _);
        }
    }

    private Task<GuardedServer> StartAsync() => GuardedServer.StartAsync(redis, map: static app =>
    {
        app.MapEvent(3000, "OPEN", static () => 1);
        app.MapEvent(3001, "USERS", static () => 1).RequireAuthorization();
        app.MapEvent(3002, "ADMINS", static () => 1).RequireAuthorization(static policy => policy.RequireRole("admin"));
        app.MapEvent(3003, "PER_CALL", static () => 1).RequireAuthorization(static policy => policy.RequireAssertion(static _ => false));
    });
}
