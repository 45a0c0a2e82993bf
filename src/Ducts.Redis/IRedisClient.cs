namespace Ducts.Redis;

/// <summary>The Redis client that handlers use; one per server. Every method may be called from any thread.</summary>
public interface IRedisClient
{
    /// <summary>Runs a command.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">Strings, numbers, bytes, bools.</param>
    /// <returns>The raw reply, bulk strings as bytes.</returns>
    /// <exception cref="RedisException">Redis answered with an error.</exception>
    /// <exception cref="RedisConnectionException">The connection was lost or not to be had in time.</exception>
    ValueTask<RedisValue> ExecuteAsync(string command, params IReadOnlyList<object> arguments);
}
