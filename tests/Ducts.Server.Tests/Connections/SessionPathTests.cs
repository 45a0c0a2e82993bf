using System.Collections.Concurrent;
using Ducts.Server.Tests.Discovery;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Tests.Connections;

/// <summary>Where session ids, with which anybody could take a session over, are not to be found.</summary>
public sealed class SessionPathTests(RedisFixture redis)
{
    [Fact]
    public async Task Session_ids_are_in_no_line_of_the_log_whatever_is_logged()
    {
        var lines = new ConcurrentQueue<string>();
        var seen = new ConcurrentQueue<string>();
        await using var server = await WireServer.StartAsync(
            redis,
            map: app =>
            {
                app.Services.GetRequiredService<ILoggerFactory>().AddProvider(new NotedLog(lines.Enqueue));
                app.Use((context, next) =>
                {
                    seen.Enqueue($"{context.Request.Path} {context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget}");
                    return next(context);
                });
            },
            host: static host => host.ConfigureLogging(static logging => logging.SetMinimumLevel(LogLevel.Trace)));
        var issued = await server.IssueAsync();
        var (secret, rest) = issued.Path.Split('/')[^1].Split('.') switch { var parts => (parts[0], parts[1]) };
        await using (var client = await WireClient.OpenAsync(server.Port, issued.Path))
        {
            Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
        }

        await using var again = await WireClient.OpenAsync(server.Port, issued.ReconnectPath);
        Assert.Equal("[1,1000,1]", await again.CallAsync("[1,1000,1]"));
        await using var wrong = await WireClient.AskAsync(server.Port, issued.Path + "/nothing");
        await using var malformed = await WireClient.AskAsync(server.Port, $"/ducts/ws/v1/{secret}");
        Assert.Equal((404, 403), (wrong.Status, malformed.Status));

        string[] shown = [$"/ducts/ws/v1/-.{rest}", $"/ducts/ws/v1/-.{rest}/reconnect", $"/ducts/ws/v1/-.{rest}/nothing", "/ducts/ws/v1/-"];
        await Until.TrueAsync(() => Array.TrueForAll(shown, path => lines.Any(line => line.Contains("Request starting", StringComparison.Ordinal) && line.Contains(path + " ", StringComparison.Ordinal))));
        Assert.Equal(shown.Select(static path => $"{path} {path}"), seen.Where(static path => path.Contains("/ws/", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_factory_of_contexts_that_the_application_has_is_used()
    {
        var created = 0;
        await using var server = await WireServer.StartAsync(redis, host: host => host.ConfigureServices(services => services.AddSingleton<IHttpContextFactory>(
            provider => new CountingFactory(new DefaultHttpContextFactory(provider), () => created++))));
        await using var client = await server.OpenAsync();
        Assert.Equal(2, created);
    }

    private sealed class CountingFactory(DefaultHttpContextFactory inner, Action count) : IHttpContextFactory
    {
        public HttpContext Create(IFeatureCollection featureCollection)
        {
            count();
            return inner.Create(featureCollection);
        }

        public void Dispose(HttpContext httpContext) => inner.Dispose(httpContext);
    }
}
