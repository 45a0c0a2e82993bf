using Ducts.Redis;
using Ducts.Redis.Embedded;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.Hosting;

/// <summary>The server's Redis: connects to it, or starts one where none was configured and none is there.</summary>
internal sealed class RedisHost(
    IOptions<DuctsOptions> options, ILoggerFactory loggers, IServiceProvider services, TimeProvider time, RedisChoice? choice = null) : IRedisSource, IAsyncDisposable
{
    private const string FoundHint =
        "This Redis was running at the default address and may be another program's: set redis_uri_main in [ducts.redis_config] to name one, or redis_embedded = always for one of the server's own";

    // Time to find out that nothing listens on the default address.
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    // The first pause between attempts to connect at the start, and the longest.
    private static readonly TimeSpan MinPause = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = loggers.CreateLogger("ducts.redis");
    private RedisClient? _client;
    private EmbeddedRedis? _embedded;

    /// <summary>Gets the address at which nobody has named a Redis; tests have one that no other program listens at.</summary>
    public string DefaultUri { get; init; } = DuctsRedisOptions.DefaultUri;

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
        var needsEmbedded = choice is null && await NeedsEmbeddedAsync(settings, cancellationToken);
        // Nobody has named this one: it may be any program's.
        var isFound = choice is null && !needsEmbedded && settings.RedisEmbedded == EmbeddedRedisMode.Auto && settings.RedisUriMain == DefaultUri;
        if (needsEmbedded && options.Value.Cluster.Cluster)
            throw new RedisUnavailableException("Nothing listens at the default address of Redis, and a cluster of servers (option cluster) needs one that all of them reach: name it in redis_uri_main of [ducts.redis_config].");
        if (needsEmbedded)
        {
            var folder = Path.Combine(Path.GetFullPath(options.Value.Common.DuctsHome), ".redis");
            _embedded = await EmbeddedRedis.StartAsync(folder, _log, cancellationToken);
            uri = _embedded.Uri;
            RedisHostLog.EmbeddedNotice(_log, settings.RedisUriMain, folder);
        }

        clientOptions.Uri = uri;
        try
        {
            _client = await ConnectAsync(clientOptions, settings.RedisStartTimeout, cancellationToken);
        }
        catch (RedisClientException exception) when (isFound)
        {
            throw new RedisUnavailableException($"{exception.Message} {FoundHint}.", exception);
        }

        if (isFound)
        {
            RedisHostLog.FoundNotice(_log, FoundHint);
        }

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

    /// <summary>Connects; waits for a Redis that is not there yet, or loads its data.</summary>
    private async Task<RedisClient> ConnectAsync(RedisClientOptions clientOptions, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var pause = MinPause;
        var isTold = false;
        while (true)
        {
            try
            {
                return await RedisClient.ConnectAsync(clientOptions, loggers, cancellationToken);
            }
            catch (RedisClientException exception) when (exception is RedisUnavailableException or RedisErrorException { Code: "LOADING" or "MASTERDOWN" })
            {
                var left = timeout - time.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    throw new RedisUnavailableException(
                        timeout > TimeSpan.Zero ? $"{exception.Message} Redis was waited for as long as redis_start_timeout says, {timeout.TotalSeconds:0.###} s." : exception.Message,
                        exception);
                }

                if (!isTold)
                {
                    RedisHostLog.WaitsForRedis(_log, timeout.TotalSeconds, exception.Message);
                    isTold = true;
                }

                await Task.Delay(pause < left ? pause : left, time, cancellationToken);
                pause = pause * 2 < MaxPause ? pause * 2 : MaxPause;
            }
        }
    }

    private void LogConnected(RedisUri uri)
    {
        if (uri.UnixPath is { } path)
            RedisHostLog.ConnectedLocallyNotice(_log, path);
        else
            RedisHostLog.ConnectedNotice(_log, uri.Hosts[0].Host, uri.Hosts[0].Port);
    }

    private async Task<bool> NeedsEmbeddedAsync(DuctsRedisOptions settings, CancellationToken cancellationToken) =>
        settings.RedisEmbedded switch
        {
            EmbeddedRedisMode.Always => true,
            EmbeddedRedisMode.Never => false,
            _ => settings.RedisUriMain == DefaultUri
                && !await RedisClient.ProbeAsync(settings.RedisUriMain, ProbeTimeout, cancellationToken),
        };
}
