using Ducts.Sessions;

namespace Ducts.Discovery;

/// <summary>Opens a session in Redis and returns its id for URLs and its key.</summary>
/// <exception cref="Redis.RedisClientException">Redis is out of reach, or does not take writes.</exception>
internal delegate ValueTask<IssuedTicket> SessionIssuer(SessionOpening opening, CancellationToken cancellationToken);
