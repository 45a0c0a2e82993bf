using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ducts.Redis;
using Microsoft.Extensions.Options;

namespace Ducts.Sessions;

/// <summary>Keeps in Redis since when users' tickets and tokens hold: what was issued before is void.</summary>
internal sealed class UserRevocations(IOptions<DuctsOptions> options, IRedisSource redis, TimeProvider time)
{
    // Longer than tokens usually hold. Who issues longer ones has to revoke them where he issues them.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    // How long an answer of Redis is believed where requests ask one after the other.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    // Beyond this the answers begin anew.
    private const int MaxKnown = 10_000;

    private readonly DuctsAuthOptions _options = options.Value.Auth;
    private int _revocations;
    private readonly ConcurrentDictionary<UserKey, (DateTimeOffset? NotBefore, long At)> _known = new();

    /// <summary>Voids what was issued to a user until now, by Redis' clock.</summary>
    /// <param name="subject">The user's id.</param>
    /// <param name="issuer">Who issued it; null for any.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="RedisClientException">Redis is out of reach, or does not take writes.</exception>
    public async Task RevokeAsync(string subject, string? issuer, CancellationToken cancellationToken)
    {
        var parts = (await redis.Client.ExecuteAsync("TIME", Array.Empty<object?>(), cancellationToken)).AsStrings();
        var now = (long.Parse(parts[0]!, CultureInfo.InvariantCulture) * 1000) + (long.Parse(parts[1]!, CultureInfo.InvariantCulture) / 1000);
        var lifetime = _options.SessionTtl > Lifetime ? _options.SessionTtl : Lifetime;
        await redis.Client.ExecuteAsync("SET", [KeyOf(subject, issuer), now, "PX", (long)lifetime.TotalMilliseconds], cancellationToken);
        Interlocked.Increment(ref _revocations);
        _known.Clear();
    }

    /// <summary>Returns since when a user's tokens hold, as <see cref="NotBeforeAsync"/>; it may be a second old where another server wrote it.</summary>
    /// <exception cref="RedisClientException">Redis is out of reach, or refuses to answer.</exception>
    public async ValueTask<DateTimeOffset?> RecentNotBeforeAsync(UserKey user, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(user, out var known) && time.GetElapsedTime(known.At) < Fresh)
        {
            return known.NotBefore;
        }

        // Before it is asked: what is revoked meanwhile is newer than the answer.
        var at = time.GetTimestamp();
        var revocations = Volatile.Read(ref _revocations);
        var notBefore = await NotBeforeAsync(user, cancellationToken);
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        if (revocations == Volatile.Read(ref _revocations))
        {
            _known[user] = (notBefore, at);
        }

        return notBefore;
    }

    /// <summary>Returns since when a user's tickets and tokens hold; null for ever.</summary>
    /// <exception cref="RedisClientException">Redis is out of reach, or refuses to answer.</exception>
    public async ValueTask<DateTimeOffset?> NotBeforeAsync(UserKey user, CancellationToken cancellationToken)
    {
        // A command would wait for the connection to come back.
        if (!redis.Client.IsConnected)
        {
            throw new RedisUnavailableException("The connection to Redis was lost; the server is reconnecting.");
        }

        // Two commands: in a cluster the keys lie on different nodes.
        var ofIssuer = redis.Client.ExecuteAsync("GET", [KeyOf(user.Subject, user.Issuer)], cancellationToken);
        var ofAny = redis.Client.ExecuteAsync("GET", [KeyOf(user.Subject, null)], cancellationToken);
        var latest = Math.Max(Read(await ofIssuer), Read(await ofAny));
        return latest == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(latest);
    }

    private static long Read(RedisReply reply) =>
        !reply.IsNull && long.TryParse(reply.AsString(), NumberStyles.None, CultureInfo.InvariantCulture, out var time) ? time : 0;

    // A hash: subjects may have any characters and lengths, and may be e-mail addresses.
    private string KeyOf(string subject, string? issuer)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(issuer is null ? "*" + subject : $"{issuer.Length}:{issuer}{subject}"));
        return $"{_options.StreamKeyForSessionOpened}/NOT_BEFORE/{Convert.ToHexStringLower(hash)}";
    }
}
