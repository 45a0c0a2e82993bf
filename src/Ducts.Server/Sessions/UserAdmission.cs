using System.Net;
using Ducts.Redis;

namespace Ducts.Sessions;

/// <summary>Decides whether a user may have a session.</summary>
internal sealed class UserAdmission(SessionIndex index, UserRevocations revocations, TimeProvider time)
{
    /// <summary>Returns whether what says who the user is has been made void.</summary>
    /// <exception cref="RedisClientException">Redis is out of reach, or refuses to answer.</exception>
    public async ValueTask<bool> IsRevokedAsync(SessionUser user, CancellationToken cancellationToken) =>
        user is { Key: { } key, IssuedAt: { } issuedAt }
        && await revocations.NotBeforeAsync(key, cancellationToken) is { } notBefore
        && issuedAt <= notBefore;

    /// <summary>Returns whether a request's token or cookie has been made void; it may be a second ago where another server did that.</summary>
    /// <exception cref="RedisClientException">Redis is out of reach, or refuses to answer.</exception>
    public async ValueTask<bool> IsRevokedRecentlyAsync(SessionUser user, CancellationToken cancellationToken) =>
        user is { Key: { } key, IssuedAt: { } issuedAt }
        && await revocations.RecentNotBeforeAsync(key, cancellationToken) is { } notBefore
        && issuedAt <= notBefore;

    public bool IsExpired(SessionUser user) => user.ExpiresAt <= time.GetUtcNow();

    /// <summary>Returns whether a further session of a user and an address may begin.</summary>
    public SessionCount Look(SessionUser user, IPAddress? address) => index.Look(user.Key, address);
}
