namespace Ducts.Redis;

/// <summary>A channel, or a pattern of channels.</summary>
internal readonly record struct ChannelKey(string Name, bool IsPattern)
{
    public override string ToString() => IsPattern ? $"pattern {Name}" : $"channel {Name}";
}
