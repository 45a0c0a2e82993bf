using StackExchange.Redis;

namespace Ducts.Redis.Subscriptions;

/// <summary>How a channel is subscribed to.</summary>
internal enum ChannelKind
{
    /// <summary>By its name.</summary>
    Exact,

    /// <summary>By a pattern of names.</summary>
    Pattern,

    /// <summary>By its name, at the cluster's node of its slot.</summary>
    Sharded,
}

/// <summary>A channel, or a pattern of channels.</summary>
internal readonly record struct ChannelKey(string Name, ChannelKind Kind)
{
    public RedisChannel ToChannel() => Kind switch
    {
        ChannelKind.Pattern => RedisChannel.Pattern(Name),
        ChannelKind.Sharded => RedisChannel.Sharded(Name),
        _ => RedisChannel.Literal(Name),
    };

    public override string ToString() => Kind switch
    {
        ChannelKind.Pattern => $"pattern {Name}",
        ChannelKind.Sharded => $"sharded channel {Name}",
        _ => $"channel {Name}",
    };
}
