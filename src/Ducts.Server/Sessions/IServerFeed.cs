using Ducts.Redis;

namespace Ducts.Sessions;

/// <summary>Tells the other servers of a cluster what concerns sessions wherever they live. Where there is one server only, there is none.</summary>
internal interface IServerFeed
{
    /// <summary>All sessions of a user are to be closed.</summary>
    /// <param name="subject">The user's id.</param>
    /// <param name="issuer">Who issued it; null for any.</param>
    /// <param name="reason">What the clients are told.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="RedisClientException">Redis is out of reach, or does not take writes.</exception>
    ValueTask CloseUserAsync(string subject, string? issuer, string reason, CancellationToken cancellationToken);
}
