using Ducts.Redis;
using Ducts.Redis.Embedded;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.Hosting;

/// <summary>The server's Redis: connects to it, or starts one where none was configured and none is there.</summary>
internal sealed class RedisHost(
    IOptions<DuctsOptions> options, ILoggerFactory loggers, IServiceProvider services, RedisChoice? choice = null) : IRedisSource, IAsyncDisposable
{
    // Time to find out that nothing listens on the default address.
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = loggers.CreateLogger("ducts.redis");
    private RedisClient? _client;
    private EmbeddedRedis? _embedded;

    /// <summary>Gets the Redis client.</summary>
    /// <exception cref="InvalidOperationException">The server has not been started.</exception>
    public IRedisClient Client => _client ?? throw new InvalidOperationException("The server has not started yet. Use Redis after the host has started.");

    /// <summary>Connects to Redis, and starts an embedded one first where the options ask for it.</summary>
    /// <exception cref="RedisUnavailableException">Redis cannot be reached.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_client is not null)
            return;
        var settings = options.Value.Redis;
        var clientOptions = new RedisClientOptions { CommandTimeout = settings.RedisCommandTimeout };
        if (choice?.Multiplexer is { } multiplexer)
        {
            _client = RedisClient.Create(multiplexer(services), clientOptions, loggers);
            // An application's multiplexer need not have reached Redis yet.
            if (_client.IsConnected)
            {
                RedisHostLog.ConnectedLocallyNotice(_log, _client.Status.Endpoint);
            }
            else
            {
                RedisHostLog.StillConnecting(_log, _client.Status.Endpoint);
            }

            return;
        }

        var uri = choice?.ConnectionString ?? settings.RedisUriMain;
        if (choice is null && await NeedsEmbeddedAsync(settings, cancellationToken))
        {
            var folder = Path.Combine(Path.GetFullPath(options.Value.Common.DuctsHome), ".redis");
            _embedded = await EmbeddedRedis.StartAsync(folder, _log, cancellationToken);
            uri = _embedded.Uri;
            RedisHostLog.EmbeddedNotice(_log, settings.RedisUriMain, folder);
        }

        clientOptions.Uri = uri;
        _client = await RedisClient.ConnectAsync(clientOptions, loggers, cancellationToken);
        if (RedisUri.TryParse(uri, out var parsed, out _))
        {
            LogConnected(parsed);
        }
        else
        {
            RedisHostLog.ConnectedLocallyNotice(_log, _client.Status.Endpoint);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        if (_embedded is not null)
            await _embedded.DisposeAsync();
    }

    private void LogConnected(RedisUri uri)
    {
        if (uri.UnixPath is { } path)
            RedisHostLog.ConnectedLocallyNotice(_log, path);
        else
            RedisHostLog.ConnectedNotice(_log, uri.Hosts[0].Host, uri.Hosts[0].Port);
    }

    private static async Task<bool> NeedsEmbeddedAsync(DuctsRedisOptions settings, CancellationToken cancellationToken) =>
        settings.RedisEmbedded switch
        {
            EmbeddedRedisMode.Always => true,
            EmbeddedRedisMode.Never => false,
            _ => settings.RedisUriMain == DuctsRedisOptions.DefaultUri
                && !await RedisClient.ProbeAsync(settings.RedisUriMain, ProbeTimeout, cancellationToken),
        };
}
