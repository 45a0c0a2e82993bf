using Ducts.Redis.Subscriptions;

namespace Ducts.Redis.Streams;

/// <summary>What followers have in common who share a feed.</summary>
/// <param name="Channel">The channel, or the pattern of channels, on which entries are announced.</param>
/// <param name="Stream">The stream's key.</param>
/// <param name="ById">Whether each message names its entry.</param>
internal readonly record struct FeedKey(ChannelKey Channel, string Stream, bool ById)
{
    public override string ToString() => $"stream {Stream} by {Channel}";
}
