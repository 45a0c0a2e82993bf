using Ducts.Redis.Embedded;
using Ducts.Samples.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(RedisFixture))]

namespace Ducts.Samples.Tests.Support;

/// <summary>One real redis-server on a Unix socket for all tests of the assembly.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private readonly TemporaryRedis _redis = new();

    public string ConnectionString => _redis.ConnectionString;

    public ValueTask InitializeAsync() => _redis.StartAsync();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}

/// <summary>A redis-server that can go away and come back at the same address.</summary>
internal sealed class TemporaryRedis : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ducts-sample-").FullName;
    private EmbeddedRedis? _server;

    /// <summary>Gets the address as StackExchange.Redis writes it.</summary>
    public string ConnectionString => $"!{_server!.Socket},abortConnect=false,name=guest-book";

    public static async Task<TemporaryRedis> CreateAsync()
    {
        var redis = new TemporaryRedis();
        await redis.StartAsync();
        return redis;
    }

    public async ValueTask StartAsync() => _server = await EmbeddedRedis.StartAsync(_folder, NullLogger.Instance, CancellationToken.None);

    public ValueTask StopAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
