namespace Ducts.Redis.Embedded;

/// <summary>Neither a redis-server nor a valkey-server is on PATH; the message says how to install one.</summary>
public sealed class RedisServerNotFoundException : RedisClientException
{
    /// <summary>Makes the exception.</summary>
    public RedisServerNotFoundException()
        : base("No redis-server or valkey-server on PATH; install one: apt-get install redis-server (Debian, Ubuntu), dnf install valkey (Fedora), brew install redis (macOS); or name a running Redis by its URI.")
    {
    }
}
