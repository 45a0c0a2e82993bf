using Ducts.Client;
using Ducts.Samples.Tests.Support;
using GuestBook.Data;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Samples.Tests;

/// <summary>The sample on Kestrel, with clients that open sockets.</summary>
public sealed class KestrelTests(RedisFixture redis)
{
    [Fact]
    public async Task A_client_calls_streams_and_hears_of_what_others_sign()
    {
        await using var factory = Start();
        await using var writer = await ConnectAsync(factory);
        await using var reader = await ConnectAsync(factory);
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var hearing = reader.On("SIGN", entry => heard.TrySetResult(entry.Deserialize<Entry>()!.Name));
        Assert.True(await reader.CallAsync<long>("VISITS") > 0);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(id => writer.CallAsync("SIGN", new { name = $"guest {id}", text = "Hello" })));
        var names = new HashSet<string>();
        await foreach (var entry in reader.StreamAsync<Entry>("ENTRIES"))
        {
            names.Add(entry!.Name);
        }

        Assert.StartsWith("guest", await heard.Task.WaitAsync(Until.Patience), StringComparison.Ordinal);
        Assert.Equal(20, names.Count);
        await factory.Trace.AllDisposedAsync();
        Assert.Empty(factory.Log.Errors);
    }

    [Fact]
    public async Task The_transport_is_Kestrels_own()
    {
        await using var factory = Start();

        var transports = factory.Services.GetServices<IConnectionListenerFactory>();

        Assert.All(transports, static transport => Assert.StartsWith("Microsoft.AspNetCore.", transport.GetType().Assembly.GetName().Name, StringComparison.Ordinal));
        Assert.NotEmpty(transports);
    }

    [Fact]
    public async Task The_socket_transport_is_used_where_it_is_asked_for()
    {
        await using var factory = Start(static services => services.AddDucts().UseSocketTransport());
        await using var client = await ConnectAsync(factory);

        Assert.True(await client.CallAsync<long>("VISITS") > 0);
        Assert.Contains(factory.Services.GetServices<IConnectionListenerFactory>(), static transport => transport.GetType().Assembly == typeof(DuctsHandler).Assembly);
        Assert.Empty(factory.Log.Errors);
    }

    private static Task<DuctsClient> ConnectAsync(GuestBookFactory factory) =>
        DuctsClient.ConnectAsync(new Uri(factory.ClientOptions.BaseAddress, "/ducts/wsd"));

    private GuestBookFactory Start(Action<IServiceCollection>? configure = null)
    {
        var factory = new GuestBookFactory(redis.ConnectionString, configure);
        factory.UseKestrel(0);
        factory.StartServer();
        return factory;
    }
}
