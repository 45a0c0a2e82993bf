namespace Ducts.MessagePack;

/// <summary>What one value may cost to look at.</summary>
/// <param name="MaxDepth">Arrays and maps inside one another; an array of integers has depth 1.</param>
/// <param name="MaxItems">Array elements and map pairs in the whole value, together.</param>
/// <param name="MaxBytes">The length of the whole value.</param>
public readonly record struct MessagePackLimits(int MaxDepth, long MaxItems, int MaxBytes)
{
    // 64 levels are what System.Text.Json allows. 2^20 items: as .NET objects of about 100 bytes they stay near 100 MB.
    // 8 MiB is the longest message a connection takes.
    /// <summary>64 levels, 1,048,576 items, 8 MiB.</summary>
    public static MessagePackLimits Default { get; } = new(MaxDepth: 64, MaxItems: 1 << 20, MaxBytes: 8 << 20);
}
