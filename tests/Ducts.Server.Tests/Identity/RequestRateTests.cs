using System.Diagnostics.Metrics;
using System.Net;
using System.Threading.RateLimiting;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Tests.Identity;

/// <summary>Requests beyond the rates of a session, a user and an address.</summary>
public sealed class RequestRateTests(RedisFixture redis)
{
    // One in an hour: no test takes so long that another is due.
    private const double Hardly = 1 / 3600.0;

    [Fact]
    public async Task A_session_beyond_its_rate_is_refused_with_the_time_after_which_to_retry_and_others_are_not()
    {
        await using var server = await UserServer.StartAsync(redis, static options => (options.Limit.RequestsPerSecond, options.Limit.Burst) = (Hardly, 3));
        await using var client = await server.OpenAsync((string?)null);
        await using var other = await server.OpenAsync((string?)null);
        for (var i = 0; i < 3; i++)
            Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));

        Assert.Matches("^\\[1,-1000,\"RuntimeError\\('too many requests, retry after [0-9]+\\.[0-9] s'\\)\"\\]$", await client.CallAsync("[1,1000,1]"));
        await client.SendTextAsync("""{"request_id":1,"event_id":1000,"data":1}""");
        Assert.Contains("too many requests", await client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal("[2,6,false]", await client.CallAsync("[2,6,1]"));
        Assert.StartsWith("[3,-10,\"PermissionError", await client.CallAsync("[3,10,{\"ticket\":\"\"}]"), StringComparison.Ordinal);
        Assert.Equal("[1,1000,1]", await other.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task AUTHENTICATE_has_the_rate_of_the_session_for_itself()
    {
        await using var server = await UserServer.StartAsync(redis, static options => (options.Limit.RequestsPerSecond, options.Limit.Burst) = (Hardly, 3));
        await using var client = await server.OpenAsync("sub=ada");
        for (var i = 0; i < 3; i++)
            Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
        for (var i = 0; i < 3; i++)
            Assert.Equal("[\"auth\",10,true]", await server.AuthenticateAsync(client, "sub=ada"));

        Assert.Matches("^\\[\"auth\",-10,\"RuntimeError\\('too many requests, retry after [0-9]+\\.[0-9] s'\\)\"\\]$", await server.AuthenticateAsync(client, "sub=ada"));
    }

    [Fact]
    public async Task All_sessions_of_a_user_share_one_rate()
    {
        await using var server = await UserServer.StartAsync(redis, static options => (options.Limit.RequestsPerSecond, options.Limit.Burst) = (Hardly, 3));
        await using var first = await server.OpenAsync("sub=ada");
        await using var second = await server.OpenAsync("sub=ada");
        await using var bob = await server.OpenAsync("sub=bob");
        Assert.Equal("[1,1000,1]", await first.CallAsync("[1,1000,1]"));
        Assert.Equal("[1,1000,1]", await second.CallAsync("[1,1000,1]"));
        Assert.Equal("[1,1000,1]", await second.CallAsync("[1,1000,1]"));

        Assert.Contains("too many requests", await first.CallAsync("[1,1000,1]"), StringComparison.Ordinal);
        Assert.Equal("[1,1000,1]", await bob.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task All_sessions_and_Web_API_calls_of_an_address_share_its_rate()
    {
        var limited = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "ducts.server.limited")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (limited)
                limited.Add((string)tags[0].Value!);
        });
        listener.Start();
        await using var server = await UserServer.StartAsync(redis, static options => options.Limit.RequestsPerSecondOfAddress = Hardly);
        await using var first = await server.OpenAsync((string?)null);
        await using var second = await server.OpenAsync("sub=ada");

        Assert.Equal("[1,1000,1]", await first.CallAsync("[1,1000,1]"));
        Assert.Contains("too many requests", await second.CallAsync("[1,1000,1]"), StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Wire.Port}") };
        using var response = await http.GetAsync("/ducts/api/v1/event");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Contains("too many requests", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        lock (limited)
            Assert.Contains("address", limited);
    }

    [Fact]
    public async Task Without_rates_a_session_has_nothing_before_its_requests()
    {
        await using var server = await UserServer.StartAsync(redis);
        var issued = await server.IssueAsync("sub=ada");
        await using var client = await server.OpenAsync(issued);

        Assert.Null(server.Wire.Session(issued).Rights.Gate);
    }

    [Fact]
    public async Task An_event_with_a_policy_of_its_own_is_limited_for_each_of_what_the_policy_counts()
    {
        var calls = 0;
        await using var server = await UserServer.StartAsync(
            redis,
            map: app =>
            {
                app.MapEvent(2001, "RARE", [RateLimit("rare")] () => Interlocked.Increment(ref calls));
                app.MapEvent(2002, "RARE_TOO", () => "done").RequireRateLimiting("rare");
                app.MapEvent(2003, "OFTEN", [RateLimit("rare")] () => "done").DisableRateLimiting();
            },
            services: static services => services.AddDucts().AddRateLimit("rare", static context => RateLimitPartition.GetFixedWindowLimiter(
                context.User.FindFirst("sub")?.Value ?? "nobody",
                static _ => new FixedWindowRateLimiterOptions { PermitLimit = 2, Window = TimeSpan.FromHours(1) })));
        await using var ada = await server.OpenAsync("sub=ada");
        await using var bob = await server.OpenAsync("sub=bob");

        Assert.Equal("[1,2001,1]", await ada.CallAsync("[1,2001,null]"));
        Assert.Equal("[1,2002,\"done\"]", await ada.CallAsync("[1,2002,null]"));
        Assert.Matches("^\\[1,-2001,\"RuntimeError\\('too many requests, retry after [0-9.]+ s'\\)\"\\]$", await ada.CallAsync("[1,2001,null]"));
        Assert.Contains("too many requests", await ada.CallAsync("[1,2002,null]"), StringComparison.Ordinal);
        Assert.Equal("[1,2003,\"done\"]", await ada.CallAsync("[1,2003,null]"));
        Assert.Equal("[1,2001,2]", await bob.CallAsync("[1,2001,null]"));
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Who_may_not_call_an_event_takes_nothing_of_its_rate()
    {
        await using var server = await UserServer.StartAsync(
            redis,
            map: static app => app.MapEvent(2001, "RARE", [RateLimit("rare")] [Authorize] () => "done"),
            services: static services => services.AddAuthorization().AddDucts().AddRateLimit("rare", static _ => RateLimitPartition.GetFixedWindowLimiter(
                "all", static _ => new FixedWindowRateLimiterOptions { PermitLimit = 1, Window = TimeSpan.FromHours(1) })));
        await using var nobody = await server.OpenAsync((string?)null);
        await using var ada = await server.OpenAsync("sub=ada");
        for (var i = 0; i < 3; i++)
            Assert.StartsWith("[1,-2001,\"PermissionError(", await nobody.CallAsync("[1,2001,null]"), StringComparison.Ordinal);

        Assert.Equal("[1,2001,\"done\"]", await ada.CallAsync("[1,2001,null]"));
        Assert.Contains("too many requests", await ada.CallAsync("[1,2001,null]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_whose_policy_nobody_has_defined_fails_the_start_by_name()
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => UserServer.StartAsync(
            redis, map: static app => app.MapEvent(2001, "RARE", [RateLimit("rare")] () => 1)));

        Assert.Contains("the rate limit 'rare' is not defined", exception.Message, StringComparison.Ordinal);
    }
}
