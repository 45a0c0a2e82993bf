using Microsoft.Net.Http.Headers;

namespace Ducts.Blobs.Web;

/// <summary>A part of a content.</summary>
/// <param name="Start">The first byte.</param>
/// <param name="Length">How many bytes; at least one.</param>
internal readonly record struct ByteRange(long Start, long Length)
{
    public long Last => Start + Length - 1;
}

/// <summary>The header Range of RFC 9110, section 14.</summary>
internal static class ByteRanges
{
    /// <summary>More than a player or a download manager asks for; a request with more gets the whole content.</summary>
    private const int MaxRanges = 50;

    /// <summary>Returns the parts that a request asks for.</summary>
    /// <param name="header">The header's value.</param>
    /// <param name="size">The size of the content.</param>
    /// <returns>The parts; empty if the content has none of them; null if the header is none that has to be heeded.</returns>
    public static IReadOnlyList<ByteRange>? Find(string header, long size)
    {
        if (!RangeHeaderValue.TryParse(header, out var parsed) || !parsed.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase) || parsed.Ranges.Count > MaxRanges)
        {
            return null;
        }

        var ranges = new List<ByteRange>();
        foreach (var range in parsed.Ranges)
        {
            var start = range.From ?? Math.Max(0, size - range.To!.Value);
            var end = range.From is not null && range.To < size ? range.To.Value + 1 : size;
            if (start < end)
            {
                ranges.Add(new ByteRange(start, end - start));
            }
        }

        // Parts that overlap would make more of the content than there is.
        return ranges.Sum(static range => range.Length) > size ? null : ranges;
    }
}
