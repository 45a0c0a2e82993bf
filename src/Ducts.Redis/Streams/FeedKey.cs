namespace Ducts.Redis;

/// <summary>What followers have in common who share a feed.</summary>
/// <param name="Pattern">The pattern of the channels on which entries are announced.</param>
/// <param name="Stream">The stream's key.</param>
/// <param name="ById">Whether each message names its entry.</param>
internal readonly record struct FeedKey(string Pattern, string Stream, bool ById)
{
    public override string ToString() => $"stream {Stream} by {Pattern}";
}
