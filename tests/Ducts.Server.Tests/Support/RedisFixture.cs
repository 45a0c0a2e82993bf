using Ducts.Redis;
using Ducts.Redis.Embedded;
using Ducts.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(RedisFixture))]

namespace Ducts.Tests.Support;

/// <summary>One real redis-server on a Unix socket for all tests of the assembly.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ducts-wire-").FullName;
    private EmbeddedRedis? _server;

    public string Uri => _server!.Uri;

    public async ValueTask InitializeAsync() =>
        _server = await EmbeddedRedis.StartAsync(_folder, NullLogger.Instance, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
