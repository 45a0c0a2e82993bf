using System.Net.Security;
using StackExchange.Redis;

namespace Ducts.Redis;

/// <summary>How a <see cref="RedisClient"/> connects and waits.</summary>
public sealed class RedisClientOptions
{
    /// <summary>
    /// Where Redis is: a URI in the forms of <see cref="RedisUri"/>, or a connection string of StackExchange.Redis such as
    /// <c>host:6379,password=secret,ssl=true</c>. Default: the port Redis listens at by default.
    /// </summary>
    public string Uri { get; set; } = "redis://localhost:6379/0";

    /// <summary>
    /// Where Redis is and how to sign in, in StackExchange.Redis' own form, for what no string can say (callbacks, tokens);
    /// null by default. Takes the place of <see cref="Uri"/>. Timeouts, retries and the transport are the client's own.
    /// </summary>
    public ConfigurationOptions? Configuration { get; set; }

    /// <summary>The name of the connections in <c>CLIENT LIST</c> (CLIENT SETNAME, without spaces). Default <c>ducts</c>; empty: none.</summary>
    public string ClientName { get; set; } = "ducts";

    /// <summary>
    /// How long a command may take, waiting for the connection included. Default 5 s: longer than a restart of Redis on
    /// the same machine, shorter than a person waits. Measured in steps of a fiftieth of itself, at most 20 ms.
    /// </summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long connecting to one address and signing in may take. Default 5 s, as <see cref="CommandTimeout"/>.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many messages or entries a subscriber may fall behind before it gets a
    /// <see cref="RedisSubscriberLimitException"/>. Default 10,000: about a megabyte of references and small messages.
    /// </summary>
    public int SubscriberLimit { get; set; } = 10_000;

    /// <summary>The pause before the second attempt to regain a connection; the first is made at once. Doubles with each attempt. Default 50 ms.</summary>
    public TimeSpan ReconnectMinPause { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause between attempts to regain a connection. Default 2 s: a Redis that came back is found within that.</summary>
    public TimeSpan ReconnectMaxPause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>After how long without traffic a connection is tried with a PING. Default 5 s. A connection that leaves it unanswered for <see cref="CommandTimeout"/> is given up.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Bytes of commands that may wait for Redis, 512 for each beside its arguments; further ones fail at once, not sent.
    /// One command is let in whatever its size. Default 256 MiB: half of Redis' largest value, or half a million small
    /// commands, far more than a moment's worth.
    /// </summary>
    public int SendBufferLimit { get; set; } = 256 * 1024 * 1024;

    /// <summary>Dedicated connections kept for the next <see cref="IRedisClient.OpenDedicatedAsync"/>. Default 8.</summary>
    public int DedicatedPoolSize { get; set; } = 8;

    /// <summary>Settings of TLS for <c>rediss://</c>, such as certificates; null for the system's, with the URI's <c>ca_file</c>, <c>cert_file</c> and <c>key_file</c>.</summary>
    public SslClientAuthenticationOptions? Tls { get; set; }

    /// <summary>The source of time for pauses, timeouts and heartbeats. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal RedisClientOptions With(ConfigurationOptions configuration)
    {
        var copy = (RedisClientOptions)MemberwiseClone();
        copy.Configuration = configuration;
        return copy;
    }

    internal void Validate()
    {
        Positive(CommandTimeout, nameof(CommandTimeout));
        Positive(ConnectTimeout, nameof(ConnectTimeout));
        Positive(ReconnectMinPause, nameof(ReconnectMinPause));
        Positive(ReconnectMaxPause, nameof(ReconnectMaxPause));
        Positive(HeartbeatInterval, nameof(HeartbeatInterval));
        ArgumentOutOfRangeException.ThrowIfLessThan(SubscriberLimit, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SendBufferLimit, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(DedicatedPoolSize);
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }

    private static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
        {
            throw new ArgumentOutOfRangeException(name, value, "Expected more than nothing and at most a day.");
        }
    }
}
