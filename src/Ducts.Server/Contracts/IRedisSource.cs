using Ducts.Redis;

namespace Ducts;

/// <summary>Has the server's Redis client, which is there from the start of the server on.</summary>
internal interface IRedisSource
{
    /// <summary>Gets the client.</summary>
    /// <exception cref="InvalidOperationException">The server has not been started.</exception>
    IRedisClient Client { get; }
}
