using System.Net;
using Ducts.Handlers;
using Ducts.Server.Tests.WebApis;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Ducts.Server.Tests.Hosting;

/// <summary>An application of its own that adds Ducts, on a server without sockets.</summary>
public sealed class HostedApplicationTests(RedisFixture redis) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ducts-hosted-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_starts_and_answers_without_Kestrel()
    {
        await using var app = await StartAsync(map: static app => app.MapDucts());
        using var client = app.GetTestClient();
        Assert.Contains("websocket_url", await client.GetStringAsync("/ducts/wsd?uuid=1"), StringComparison.Ordinal);
        Assert.Contains("ALIVE_MONITORING", await client.GetStringAsync("/ducts/api/v1/event"), StringComparison.Ordinal);
        Assert.NotEmpty(await client.GetByteArrayAsync("/ducts/libs/ducts.js"));
    }

    [Fact]
    public async Task The_core_replaces_nothing_of_the_hosts()
    {
        await using var app = await StartAsync(
            build: static builder => builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(3)));
        Assert.Empty(app.Services.GetServices<IConnectionListenerFactory>());
        Assert.Equal(TimeSpan.FromSeconds(3), app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
        Assert.Null(app.Services.GetService<IProblemDetailsService>());
    }

    [Fact]
    public async Task Pages_static_files_and_health_are_there_only_where_they_are_mapped()
    {
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "htdocs")).FullName, "a.txt"), "a");
        string[] paths = ["/", "/favicon.ico", "/static/a.txt", "/healthz", "/readyz"];
        await using var bare = await StartAsync(map: static app => app.MapDucts());
        await using var full = await StartAsync(
            build: static builder => builder.Services.AddHealthChecks().AddDucts(),
            map: static app =>
            {
                app.MapDuctsPages();
                app.MapDuctsStaticFiles();
                app.MapDuctsHealthChecks();
            });
        using var without = bare.GetTestClient();
        using var with = full.GetTestClient();
        foreach (var path in paths)
        {
            using var missing = await without.GetAsync(path);
            using var found = await with.GetAsync(path);
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), (missing.StatusCode, found.StatusCode));
        }

        using var discovery = await with.GetAsync("/ducts/wsd?uuid=1");
        Assert.Equal(HttpStatusCode.NotFound, discovery.StatusCode);
        using var post = await with.PostAsync("/healthz", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    [Fact]
    public async Task Conventions_apply_to_all_that_is_mapped_and_to_handlers_that_come_later()
    {
        await using var app = await StartAsync(map: static app => app.MapDucts().RequireHost("ducts.example").WithMetadata("marked"));
        string[] paths = ["/ducts/wsd?uuid=1", "/ducts/main", "/ducts/libs/ducts.js", "/ducts/libs/events.json", "/ducts/api/v1/event", "/ducts/api/openapi.json", "/ducts/api/v1/my_test_handler/name"];
        app.Services.GetRequiredService<HandlerRegistry>().Swap(WebApiTests.Snapshot(new SampleHandler()));
        using var client = app.GetTestClient();
        foreach (var path in paths)
        {
            using var elsewhere = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
            using var here = await client.GetAsync("http://ducts.example" + path);
            Assert.Equal(HttpStatusCode.OK, here.StatusCode);
        }

        var endpoints = ((IEndpointRouteBuilder)app).DataSources.SelectMany(static source => source.Endpoints).ToList();
        Assert.Contains(endpoints, static endpoint => endpoint.DisplayName == "Ducts WebSocket");
        Assert.All(endpoints, static endpoint => Assert.Equal("marked", endpoint.Metadata.GetMetadata<string>()));
    }

    [Fact]
    public async Task The_applications_own_CORS_and_health_addresses_work_beside_those_of_Ducts()
    {
        await using var app = await StartAsync(
            build: static builder =>
            {
                builder.Services.AddCors(static cors => cors.AddDefaultPolicy(static policy => policy.WithOrigins("https://app.example")));
                builder.Services.AddHealthChecks().AddDucts("ready");
            },
            map: static app =>
            {
                app.UseCors();
                app.MapDucts();
                app.MapGet("/own", static () => "own");
                app.MapHealthChecks("/own/ready", new HealthCheckOptions { Predicate = static check => check.Tags.Contains("ready") });
            },
            configure: static options => options.Auth.AllowedOrigins = ["https://listed.example"]);
        using var client = app.GetTestClient();
        Assert.Equal("Healthy", await client.GetStringAsync("/own/ready"));
        Assert.Equal("https://app.example", await OriginOf("/own", "https://app.example"));
        Assert.Null(await OriginOf("/own", "https://listed.example"));
        Assert.Equal("https://listed.example", await OriginOf("/ducts/wsd?uuid=1", "https://listed.example"));

        async Task<string?> OriginOf(string path, string origin)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Origin", origin);
            using var answer = await client.SendAsync(request);
            return answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
        }
    }

    [Theory]
    [InlineData(EmbeddedRedisMode.Auto, null, "Development", EmbeddedRedisMode.Never)]
    [InlineData(EmbeddedRedisMode.Auto, false, "Development", EmbeddedRedisMode.Auto)]
    [InlineData(EmbeddedRedisMode.Auto, false, "Production", EmbeddedRedisMode.Never)]
    [InlineData(EmbeddedRedisMode.Auto, true, "Production", EmbeddedRedisMode.Auto)]
    [InlineData(EmbeddedRedisMode.Always, false, "Production", EmbeddedRedisMode.Always)]
    [InlineData(EmbeddedRedisMode.Never, true, "Development", EmbeddedRedisMode.Never)]
    public void A_redis_server_is_started_only_where_the_application_asks_for_one(EmbeddedRedisMode option, bool? inProduction, string environment, EmbeddedRedisMode expected)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationManager());
        services.AddSingleton<IHostEnvironment>(new HostEnvironment(environment));
        var ducts = services.AddDucts(options => options.Redis.RedisEmbedded = option);
        if (inProduction is { } asked)
        {
            ducts.AddEmbeddedRedis(asked);
        }

        using var provider = services.BuildServiceProvider();
        Assert.Equal(expected, provider.GetRequiredService<IOptions<DuctsOptions>>().Value.Redis.RedisEmbedded);
    }

    private async Task<WebApplication> StartAsync(Action<WebApplicationBuilder>? build = null, Action<WebApplication>? map = null, Action<DuctsOptions>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddDucts(options =>
        {
            options.Common.DuctsHome = _folder;
            options.Redis.RedisUriMain = redis.Uri;
            configure?.Invoke(options);
        });
        build?.Invoke(builder);
        var app = builder.Build();
        map?.Invoke(app);
        await app.StartAsync();
        return app;
    }

    private sealed class HostEnvironment(string name) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = name;

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public Microsoft.Extensions.FileProviders.IFileProvider ContentRootFileProvider { get; set; } = new Microsoft.Extensions.FileProviders.NullFileProvider();
    }
}
