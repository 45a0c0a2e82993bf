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

    /// <summary>A message is to be sent to sessions.</summary>
    /// <param name="scope">Which sessions.</param>
    /// <param name="packed">The message in MessagePack.</param>
    /// <param name="mode">What to do about sessions that have no room for the message.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="RedisClientException">Redis is out of reach, or does not take writes.</exception>
    ValueTask PushAsync(PushScope scope, byte[] packed, PushMode mode, CancellationToken cancellationToken);
}
