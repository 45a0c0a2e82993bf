using System.Net;
using Ducts.Samples.Tests.Support;
using GuestBook.Handlers;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Ducts.Samples.Tests;

/// <summary>What is the application's stays the application's.</summary>
public sealed class HostTests(RedisFixture redis)
{
    [Fact]
    public async Task A_factory_without_any_configuration_starts_with_or_without_a_Redis()
    {
        await using var factory = new WebApplicationFactory<Program>();
        using var http = factory.CreateClient();

        Assert.Contains("<h1>Guest book</h1>", await http.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Contains("SIGN", await http.GetStringAsync("/ducts/api/v1/event"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hosts_options_are_not_overwritten()
    {
        await using var plain = new GuestBookFactory(redis.ConnectionString);
        await using var own = new GuestBookFactory(redis.ConnectionString, static services => services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(7)));

        Assert.Equal(new HostOptions().ShutdownTimeout, ShutdownTimeoutOf(plain));
        Assert.Equal(TimeSpan.FromSeconds(7), ShutdownTimeoutOf(own));

        static TimeSpan ShutdownTimeoutOf(GuestBookFactory factory) => factory.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
    }

    [Fact]
    public async Task The_convention_applies_to_all_addresses_of_Ducts_and_to_no_other()
    {
        await using var factory = new GuestBookFactory(redis.ConnectionString);

        var endpoints = factory.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToLookup(static endpoint => endpoint.RoutePattern.RawText!.StartsWith("/ducts", StringComparison.Ordinal));

        Assert.Contains(endpoints[true], static endpoint => endpoint.DisplayName == "Ducts WebSocket");
        Assert.All(endpoints[true], static endpoint => Assert.NotNull(endpoint.Metadata.GetMetadata<IDisableHttpMetricsMetadata>()));
        Assert.Equal(["/health"], endpoints[false].Select(static endpoint => endpoint.RoutePattern.RawText));
        Assert.All(endpoints[false], static endpoint => Assert.Null(endpoint.Metadata.GetMetadata<IDisableHttpMetricsMetadata>()));
    }

    [Fact]
    public async Task The_applications_connection_to_Redis_is_the_only_one_and_outlives_the_server()
    {
        await using var server = await TemporaryRedis.CreateAsync();
        var configuration = ConfigurationOptions.Parse(server.ConnectionString);
        configuration.ClientName = "the-applications";
        configuration.AllowAdmin = true;
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration);
        await using (var factory = new GuestBookFactory("nowhere.invalid", services => services.AddSingleton<IConnectionMultiplexer>(multiplexer)))
        {
            using var socket = await TestSocket.OpenAsync(factory);
            Assert.Equal(1, (await socket.CallAsync(1, 1002))[2].GetInt64());
            var clients = await multiplexer.GetServers().Single().ClientListAsync();
            Assert.All(clients, static client => Assert.Equal("the-applications", client.Name));
            Assert.Equal(1, await multiplexer.GetDatabase().StreamLengthAsync("SESSION/2020"));
        }

        Assert.True(multiplexer.IsConnected);
        Assert.Equal(1, (int)await multiplexer.GetDatabase().StringGetAsync(Visits.Counter));
    }

    [Fact]
    public async Task The_health_checks_see_Redis_go_away_and_come_back()
    {
        await using var server = await TemporaryRedis.CreateAsync();
        await using var factory = new GuestBookFactory(server.ConnectionString);
        using var http = factory.CreateClient();
        Assert.Equal(HttpStatusCode.OK, await HealthAsync());

        await server.StopAsync();
        await Until.TrueAsync(async () => await HealthAsync() == HttpStatusCode.ServiceUnavailable);
        await server.StartAsync();
        await Until.TrueAsync(async () => await HealthAsync() == HttpStatusCode.OK);

        using var socket = await TestSocket.OpenAsync(factory);
        Assert.Equal(1, (await socket.CallAsync(1, 1002))[2].GetInt64());

        async Task<HttpStatusCode> HealthAsync()
        {
            using var answer = await http.GetAsync("/health");
            return answer.StatusCode;
        }
    }
}
