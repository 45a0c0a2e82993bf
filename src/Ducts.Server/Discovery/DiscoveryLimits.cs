using Ducts.Telemetry.Logging;
using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Ducts.Connections;
using Ducts.Identity;
using Ducts.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.Discovery;

/// <summary>Limits what one client can make service discovery write to Redis: bytes of each call, and calls of each address.</summary>
internal sealed class DiscoveryLimits : IDisposable
{
    /// <summary>Characters kept of a User-Agent header; no application can choose what browsers send, so it is cut, not refused.</summary>
    private const int MaxUserAgent = 512;

    private static readonly TimeSpan LogPause = TimeSpan.FromMinutes(1);

    private readonly DuctsLimitOptions _options;
    private readonly int _queryLimit;
    private readonly bool _trustsProxies;
    private readonly ILogger _logger;
    private readonly ServerMetrics? _metrics;
    private readonly LogInterval _mayLog;
    private readonly PartitionedRateLimiter<IPAddress>? _limiter;

    public DiscoveryLimits(IOptions<DuctsOptions> options, TimeProvider time, ILogger<DiscoveryLimits> logger, ServerMetrics? metrics = null)
    {
        _options = options.Value.Limit;
        _queryLimit = options.Value.Auth.DiscoveryQueryLimit;
        _trustsProxies = options.Value.Server.BehindNginx;
        _logger = logger;
        _metrics = metrics;
        _mayLog = new LogInterval(time, LogPause);
        if (_options.DiscoveryPerSecond > 0)
        {
            var bucket = RateBucket.Of(_options.DiscoveryPerSecond, _options.DiscoveryBurst);
            _limiter = PartitionedRateLimiter.Create<IPAddress, ClientNetwork>(
                address => RateLimitPartition.GetTokenBucketLimiter(ClientNetwork.Of(address), _ => bucket));
        }
    }

    /// <summary>Returns what is kept of a request's User-Agent header.</summary>
    public static string UserAgentOf(HttpRequest request)
    {
        var text = request.Headers.UserAgent.ToString();
        return text.Length <= MaxUserAgent ? text : text[..MaxUserAgent];
    }

    /// <summary>Returns the status and reason with which a request is refused; null where it may be answered.</summary>
    public DiscoveryRefusal? Check(HttpContext context)
    {
        var query = context.Request.QueryString.Value;
        if (query?.Length > _queryLimit)
        {
            return new DiscoveryRefusal(
                StatusCodes.Status414UriTooLong,
                string.Create(CultureInfo.InvariantCulture, $"the query is longer than {_queryLimit} bytes; see option discovery_query_limit"));
        }

        // Without an address the client is one of this machine: a Unix socket, a test.
        if (_limiter is null || context.Connection.RemoteIpAddress is not { } address)
        {
            return null;
        }

        using var lease = _limiter.AttemptAcquire(address);
        if (lease.IsAcquired)
        {
            return null;
        }

        _metrics?.Limited("discovery");
        LogRefusal(context, address);
        var pause = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        return new DiscoveryRefusal(
            StatusCodes.Status429TooManyRequests,
            "too many service discoveries from your address; see options discovery_per_second and discovery_burst",
            Math.Max(1, (int)Math.Ceiling(pause.TotalSeconds)));
    }

    public void Dispose() => _limiter?.Dispose();

    private void LogRefusal(HttpContext context, IPAddress address)
    {
        if (!_mayLog.TryPass())
        {
            return;
        }

        if (!_trustsProxies && context.Request.Headers.ContainsKey("X-Forwarded-For"))
        {
            _logger.ProxyLimited(address, _options.DiscoveryPerSecond);
        }
        else
        {
            _logger.AddressLimited(address, _options.DiscoveryPerSecond);
        }
    }
}

/// <summary>Why a service discovery is not answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Reason">The reason, for the client.</param>
/// <param name="RetryAfter">The seconds after which the client may ask again; null where that would not help.</param>
internal readonly record struct DiscoveryRefusal(int Status, string Reason, int? RetryAfter = null);
