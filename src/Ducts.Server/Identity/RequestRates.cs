using System.Net;
using System.Threading.RateLimiting;
using Ducts.Connections;
using Ducts.Protocol;
using Ducts.Sessions;
using Ducts.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Ducts.Identity;

/// <summary>Limits the requests a second of each session, each signed-in user and each address.</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class RequestRates : IRequestRates, IDisposable
{
    private const string OfSession = "session";
    private const string OfUser = "user";
    private const string OfAddress = "address";

    private readonly TokenBucketRateLimiterOptions? _bucket;
    private readonly PartitionedRateLimiter<UserKey>? _users;
    private readonly PartitionedRateLimiter<ClientNetwork>? _addresses;
    private readonly ServerMetrics _metrics;

    public RequestRates(IOptions<DuctsOptions> options, ServerMetrics metrics)
    {
        _metrics = metrics;
        var limits = options.Value.Limit;
        if (limits.RequestsPerSecond > 0)
        {
            var bucket = RateBucket.Of(limits.RequestsPerSecond, limits.Burst > 0 ? limits.Burst : TwiceOf(limits.RequestsPerSecond));
            _users = PartitionedRateLimiter.Create<UserKey, UserKey>(user => RateLimitPartition.GetTokenBucketLimiter(user, _ => bucket));
            // Replenished by whoever asks: a timer for each session would cost more than its requests.
            _bucket = RateBucket.Of(limits.RequestsPerSecond, bucket.TokenLimit);
            _bucket.AutoReplenishment = false;
        }

        if (limits.RequestsPerSecondOfAddress > 0)
        {
            var bucket = RateBucket.Of(limits.RequestsPerSecondOfAddress, TwiceOf(limits.RequestsPerSecondOfAddress));
            _addresses = PartitionedRateLimiter.Create<ClientNetwork, ClientNetwork>(address => RateLimitPartition.GetTokenBucketLimiter(address, _ => bucket));
        }
    }

    /// <summary>Gets whether there is any limit.</summary>
    public bool IsOn => _bucket is not null || _addresses is not null;

    public IRequestGate? Open(Session session, SessionUser user) =>
        IsOn ? new Gate(this, user.Key, session.RemoteIpAddress is { } address ? ClientNetwork.Of(address) : null) : null;

    /// <summary>Returns why a request over HTTP is refused; null where it may pass. It has no session.</summary>
    public RateRefusal? Refuse(HttpContext context) =>
        IsOn ? Refuse(UserKey.Of(context.User), context.Connection.RemoteIpAddress is { } address ? ClientNetwork.Of(address) : null) : null;

    public void Dispose()
    {
        _users?.Dispose();
        _addresses?.Dispose();
    }

    private static int TwiceOf(double rate) => (int)Math.Max(1, Math.Min(Math.Ceiling(2 * rate), int.MaxValue));

    private RateRefusal? Refuse(UserKey? user, ClientNetwork? address) =>
        (user is { } key ? Refuse(_users, key, OfUser) : null)
        ?? (address is { } network ? Refuse(_addresses, network, OfAddress) : null);

    private RateRefusal? Refuse<T>(PartitionedRateLimiter<T>? limiter, T key, string limit)
    {
        if (limiter is null)
        {
            return null;
        }

        using var lease = limiter.AttemptAcquire(key);
        return lease.IsAcquired ? null : Count(lease, limit);
    }

    private RateRefusal Count(RateLimitLease lease, string limit)
    {
        _metrics.Limited(limit);
        return RateRefusal.Of(lease);
    }

    /// <summary>What the requests of one session have to pass.</summary>
    // Without a timer its bucket holds nothing that has to be disposed of.
    private sealed class Gate(RequestRates rates, UserKey? user, ClientNetwork? address) : IRequestGate
    {
        private readonly TokenBucketRateLimiter? _bucket = rates._bucket is { } options ? new TokenBucketRateLimiter(options) : null;
        private TokenBucketRateLimiter? _authentications;

        public string? Refuse(int eventId) => eventId switch
        {
            // It ends what costs something.
            ProtocolEvents.Cancel or ProtocolEvents.End => null,
            // A rate of its own: who has spent the session's goes on only with this.
            ProtocolEvents.Authenticate => Take(Authentications)?.ToString(),
            _ => (Take(_bucket) ?? rates.Refuse(user, address))?.ToString(),
        };

        private TokenBucketRateLimiter? Authentications => rates._bucket is not { } options
            ? null
            : _authentications ?? Interlocked.CompareExchange(ref _authentications, new TokenBucketRateLimiter(options), null) ?? _authentications;

        private RateRefusal? Take(TokenBucketRateLimiter? bucket)
        {
            if (bucket is null)
            {
                return null;
            }

            bucket.TryReplenish();
            using var lease = bucket.AttemptAcquire();
            return lease.IsAcquired ? null : rates.Count(lease, OfSession);
        }
    }
}
