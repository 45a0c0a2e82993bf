using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
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

    private readonly DuctsAuthOptions _options;
    private readonly bool _trustsProxies;
    private readonly ILogger _logger;
    private readonly LogInterval _mayLog;
    private readonly PartitionedRateLimiter<IPAddress>? _limiter;

    public DiscoveryLimits(IOptions<DuctsOptions> options, TimeProvider time, ILogger<DiscoveryLimits> logger)
    {
        _options = options.Value.Auth;
        _trustsProxies = options.Value.Server.BehindNginx;
        _logger = logger;
        _mayLog = new LogInterval(time, LogPause);
        if (_options.DiscoveryLimit > 0)
        {
            var bucket = BucketOf(_options);
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
        if (query?.Length > _options.DiscoveryQueryLimit)
        {
            return new DiscoveryRefusal(
                StatusCodes.Status414UriTooLong,
                string.Create(CultureInfo.InvariantCulture, $"the query is longer than {_options.DiscoveryQueryLimit} bytes; see option discovery_query_limit"));
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

        LogRefusal(context, address);
        var pause = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        return new DiscoveryRefusal(
            StatusCodes.Status429TooManyRequests,
            "too many service discoveries from your address; see options discovery_limit and discovery_burst",
            Math.Max(1, (int)Math.Ceiling(pause.TotalSeconds)));
    }

    public void Dispose() => _limiter?.Dispose();

    private static TokenBucketRateLimiterOptions BucketOf(DuctsAuthOptions options)
    {
        // In steps of about a second, or of one discovery where that takes longer.
        var step = Math.Max(1, options.DiscoveryLimit / 60);
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.DiscoveryBurst,
            TokensPerPeriod = step,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) * step / options.DiscoveryLimit,
            QueueLimit = 0,
        };
    }

    private void LogRefusal(HttpContext context, IPAddress address)
    {
        if (!_mayLog.TryPass())
        {
            return;
        }

        if (!_trustsProxies && context.Request.Headers.ContainsKey("X-Forwarded-For"))
        {
            _logger.ProxyLimited(address, _options.DiscoveryLimit);
        }
        else
        {
            _logger.AddressLimited(address, _options.DiscoveryLimit);
        }
    }

    /// <summary>What counts as one client: an IPv4 address, or the IPv6 network of 64 bits that one customer has at least.</summary>
    private readonly record struct ClientNetwork(bool IsIPv6, ulong Bits)
    {
        public static ClientNetwork Of(IPAddress address)
        {
            Span<byte> bytes = stackalloc byte[16];
            if (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6)
            {
                address.TryWriteBytes(bytes, out _);
                return new(true, BinaryPrimitives.ReadUInt64BigEndian(bytes));
            }

            address.MapToIPv4().TryWriteBytes(bytes, out _);
            return new(false, BinaryPrimitives.ReadUInt32BigEndian(bytes));
        }
    }
}

/// <summary>Why a service discovery is not answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Reason">The reason, for the client.</param>
/// <param name="RetryAfter">The seconds after which the client may ask again; null where that would not help.</param>
internal readonly record struct DiscoveryRefusal(int Status, string Reason, int? RetryAfter = null);
