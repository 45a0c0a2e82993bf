namespace Ducts.Redis;

/// <summary>A reply of Redis.</summary>
public readonly struct RedisValue
{
}
