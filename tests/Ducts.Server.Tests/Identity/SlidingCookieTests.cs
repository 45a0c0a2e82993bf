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
public sealed class SlidingCookieTests(RedisFixture redis) : IAsyncDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly MovableTime _time = new();
    private GuardedServer _server = null!;
    private WireClient _client = null!;

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_session_goes_on_beyond_the_cookies_first_expiry_when_its_client_renews_the_rights_in_time()
    {
        Assert.InRange(await OpenAsync(), 3590, 3600);
        var session = Assert.Single(_server.Services.GetRequiredService<SessionRegistry>().Live);
        var first = session.User.ExpiresAt!.Value;

        // As both clients do: when a fifth of the time is left. This discovery renews the cookie; its own ticket is still of the one before.
        _time.PutForward(Life * 0.8);
        Assert.InRange(await RenewAsync(), 700, 720);
        Assert.Equal(first, session.User.ExpiresAt);

        // The next one, of a fifth of that, has all the time of the new cookie.
        _time.PutForward(Life * 0.2 * 0.8);
        Assert.InRange(await RenewAsync(), 3000, 3025);
        Assert.True(session.User.ExpiresAt > first + (Life / 2));

        _time.PutForward(Life * 0.5);
        Assert.Equal("[2,3000,\"ada\"]", await _client.CallAsync("[2,3000,null]"));
    }

    [Fact]
    public async Task What_renews_the_cookie_does_not_matter()
    {
        await OpenAsync();

        // A page of the application, beyond half of the time.
        _time.PutForward(Life * 0.6);
        using (var own = await _server.GetAsync("/own"))
            Assert.Equal("ada", await own.Content.ReadAsStringAsync());
        _time.PutForward(Life * 0.2);
        Assert.InRange(await RenewAsync(), 2850, 2880);

        _time.PutForward(Life * 0.5);
        Assert.Equal("[2,3000,\"ada\"]", await _client.CallAsync("[2,3000,null]"));
    }

    [Fact]
    public async Task A_session_whose_client_renews_nothing_has_its_rights_until_the_first_expiry_only()
    {
        await OpenAsync();

        _time.PutForward(Life * 0.6);
        using (var own = await _server.GetAsync("/own"))
            Assert.True(own.Headers.Contains("Set-Cookie"));
        _time.PutForward(Life * 0.41);
        await Until.TrueAsync(async () => (await _client.CallAsync("[2,3000,null]")).Contains("the authentication has expired", StringComparison.Ordinal));
    }

    /// <summary>Signs in, and opens a session.</summary>
    /// <returns>The seconds that its rights have.</returns>
    private async Task<double> OpenAsync()
    {
        _server = await StartAsync(_time);
        // The client of the test keeps cookies as a browser does.
        using var answer = await _server.Http.PostAsync("/sign-in", content: null);
        Assert.True(answer.IsSuccessStatusCode);
        var (path, left) = await DiscoverAsync();
        _client = await WireClient.OpenAsync(_server.Http.BaseAddress!.Port, path);
        return left;
    }

    /// <summary>Renews the session's rights.</summary>
    /// <returns>The seconds that they have now.</returns>
    private async Task<double> RenewAsync()
    {
        var (path, left) = await DiscoverAsync();
        Assert.Equal("[1,10,true]", await _client.CallAsync($"[1,10,{{\"ticket\":{JsonSerializer.Serialize(path.Split('/')[^1])}}}]"));
        return left;
    }

    private async Task<(string Path, double SecondsLeft)> DiscoverAsync()
    {
        using var answer = await _server.DiscoverAsync();
        var root = answer.RootElement;
        Assert.Equal("ada", root.GetProperty("user").GetString());
        return (new Uri(root.GetProperty("websocket_url").GetString()!).AbsolutePath, root.GetProperty("auth_expires_in").GetDouble());
    }

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
