namespace Ducts.MessagePack;

/// <summary>Specifies the limits of one value.</summary>
/// <param name="MaxDepth">The highest number of nested arrays and maps; an array of integers has depth 1.</param>
/// <param name="MaxItems">The highest total number of array elements and map pairs in the whole value.</param>
/// <param name="MaxBytes">The highest length of the whole value, in bytes.</param>
public readonly record struct MessagePackLimits(int MaxDepth, long MaxItems, int MaxBytes)
{
    // 64 levels are what System.Text.Json allows. 2^20 items: as .NET objects of about 100 bytes they stay near 100 MB.
    // 8 MiB is the longest message a connection takes.
    /// <summary>Gets the default limits: 64 levels, 1,048,576 items, 8 MiB.</summary>
    public static MessagePackLimits Default { get; } = new(MaxDepth: 64, MaxItems: 1 << 20, MaxBytes: 8 << 20);
}
