using Ducts.Redis;

namespace Ducts;

/// <summary>Provides the server's Redis client, which exists once the server has started.</summary>
internal interface IRedisSource
{
    /// <summary>Gets the client.</summary>
    /// <exception cref="InvalidOperationException">The server has not been started.</exception>
    IRedisClient Client { get; }
}
