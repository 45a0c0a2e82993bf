using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ducts.MessagePack.Converters;

/// <summary>ISO 8601 as System.Text.Json writes and reads it.</summary>
internal static class IsoText
{
    // As far as a day, a minute, a second, or a fraction of one; with Z, an offset, or neither.
    private static readonly string[] Formats = ["yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mmK", "yyyy-MM-dd"];

    // yyyy-MM-ddTHH:mm:ss stands before the fraction's dot.
    private const int FractionStart = 19;
    private const int FractionLength = 8;

    public const int MaxLength = 40;

    /// <summary>Cuts the zeros at the end of the seven digits of the round-trip form, and the dot when nothing remains.</summary>
    private static int TrimFraction(Span<byte> text, int length)
    {
        var fraction = text.Slice(FractionStart, FractionLength);
        var kept = fraction.TrimEnd((byte)'0').Length;
        if (kept == 1)
            kept = 0;
        text[(FractionStart + FractionLength)..length].CopyTo(text[(FractionStart + kept)..]);
        return length - (FractionLength - kept);
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out DateTime value)
    {
        value = default;
        Span<char> chars = stackalloc char[MaxLength];
        return Ascii.ToUtf16(text, chars, out var length) == OperationStatus.Done
            && DateTime.TryParseExact(chars[..length], Formats, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out value);
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset value)
    {
        value = default;
        Span<char> chars = stackalloc char[MaxLength];
        return Ascii.ToUtf16(text, chars, out var length) == OperationStatus.Done
            && DateTimeOffset.TryParseExact(chars[..length], Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out value);
    }

    public static int Format(DateTime value, Span<byte> text)
    {
        _ = value.TryFormat(text, out var length, "O", CultureInfo.InvariantCulture);
        return TrimFraction(text, length);
    }

    public static int Format(DateTimeOffset value, Span<byte> text)
    {
        _ = value.TryFormat(text, out var length, "O", CultureInfo.InvariantCulture);
        return TrimFraction(text, length);
    }
}
