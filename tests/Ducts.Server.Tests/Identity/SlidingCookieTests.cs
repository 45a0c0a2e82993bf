using System.Security.Claims;
using System.Text.Json;
using Ducts.Sessions;
using Ducts.Tests.Identity;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Server.Tests.Identity;

/// <summary>Cookies that are issued anew while they are in use, as ASP.NET Core does, and the sessions of their users.</summary>
public class SlidingCookieTests(RedisFixture redis)
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_session_goes_on_beyond_the_cookies_first_expiry_when_its_client_renews_the_rights_in_time()
    {
        var time = new MovableTime();
        await using var server = await StartAsync(time);
        await SignInAsync(server);
        var (path, left) = await DiscoverAsync(server);
        Assert.InRange(left, 3590, 3600);
        await using var client = await WireClient.OpenAsync(server.Http.BaseAddress!.Port, path);
        var session = Assert.Single(server.Services.GetRequiredService<SessionRegistry>().Live);
        var first = session.User.ExpiresAt!.Value;

        // As both clients do: when a fifth of the time is left. This discovery renews the cookie; its own ticket is still of the one before.
        time.PutForward(Life * 0.8);
        (path, left) = await DiscoverAsync(server);
        Assert.InRange(left, 700, 720);
        await AuthenticateAsync(client, path);
        Assert.Equal(first, session.User.ExpiresAt);

        // The next one, of a fifth of that, has all the time of the new cookie.
        time.PutForward(Life * 0.2 * 0.8);
        (path, left) = await DiscoverAsync(server);
        Assert.InRange(left, 3000, 3025);
        await AuthenticateAsync(client, path);
        Assert.True(session.User.ExpiresAt > first + (Life / 2));

        time.PutForward(Life * 0.5);
        Assert.Equal("[2,3000,\"ada\"]", await client.CallAsync("[2,3000,null]"));
    }

    [Fact]
    public async Task What_renews_the_cookie_does_not_matter()
    {
        var time = new MovableTime();
        await using var server = await StartAsync(time);
        await SignInAsync(server);
        var (path, _) = await DiscoverAsync(server);
        await using var client = await WireClient.OpenAsync(server.Http.BaseAddress!.Port, path);

        // A page of the application, beyond half of the time.
        time.PutForward(Life * 0.6);
        using (var own = await server.GetAsync("/own"))
            Assert.Equal("ada", await own.Content.ReadAsStringAsync());
        time.PutForward(Life * 0.2);
        (path, var left) = await DiscoverAsync(server);
        Assert.InRange(left, 2850, 2880);
        await AuthenticateAsync(client, path);

        time.PutForward(Life * 0.5);
        Assert.Equal("[2,3000,\"ada\"]", await client.CallAsync("[2,3000,null]"));
    }

    [Fact]
    public async Task A_session_whose_client_renews_nothing_has_its_rights_until_the_first_expiry_only()
    {
        var time = new MovableTime();
        await using var server = await StartAsync(time);
        await SignInAsync(server);
        var (path, _) = await DiscoverAsync(server);
        await using var client = await WireClient.OpenAsync(server.Http.BaseAddress!.Port, path);

        time.PutForward(Life * 0.6);
        using (var own = await server.GetAsync("/own"))
            Assert.True(own.Headers.Contains("Set-Cookie"));
        time.PutForward(Life * 0.41);
        await Until.TrueAsync(async () => (await client.CallAsync("[2,3000,null]")).Contains("the authentication has expired", StringComparison.Ordinal));
    }

    private static async Task SignInAsync(GuardedServer server)
    {
        // The client of the test keeps cookies as a browser does.
        using var answer = await server.Http.PostAsync("/sign-in", content: null);
        Assert.True(answer.IsSuccessStatusCode);
    }

    private static async Task<(string Path, double SecondsLeft)> DiscoverAsync(GuardedServer server)
    {
        using var answer = await server.DiscoverAsync();
        var root = answer.RootElement;
        Assert.Equal("ada", root.GetProperty("user").GetString());
        return (new Uri(root.GetProperty("websocket_url").GetString()!).AbsolutePath, root.GetProperty("auth_expires_in").GetDouble());
    }

    private static async Task AuthenticateAsync(WireClient client, string path) =>
        Assert.Equal("[1,10,true]", await client.CallAsync($"[1,10,{{\"ticket\":{JsonSerializer.Serialize(path.Split('/')[^1])}}}]"));

    private Task<GuardedServer> StartAsync(MovableTime time) => GuardedServer.StartAsync(
        redis,
        map: static app =>
        {
            app.MapEvent(3000, "WHO", static (ClaimsPrincipal user) => user.Identity!.Name).RequireAuthorization();
            app.MapGet("/own", static (ClaimsPrincipal user) => user.Identity!.Name);
            app.MapPost("/sign-in", static () => Results.SignIn(new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.Name, "ada")], "Cookies")), authenticationScheme: "Cookies"));
        },
        hasScheme: false,
        before: services =>
        {
            services.AddSingleton<TimeProvider>(time);
            services.AddAuthentication("Cookies").AddCookie("Cookies", static options => options.ExpireTimeSpan = Life);
        });
}
