using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ducts.MessagePack.Converters;

/// <summary>ISO 8601 as System.Text.Json writes and reads it; a MessagePack timestamp is UTC, so it ends in Z.</summary>
internal static class IsoText
{
    // As far as a day, a minute, a second, or a fraction of one; with Z, an offset, or neither.
    private static readonly string[] Formats = ["yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mmK", "yyyy-MM-dd"];

    // yyyy-MM-ddTHH:mm:ss stands before the fraction's dot.
    private const int FractionStart = 19;
    private const int FractionLength = 8;

    // System.Text.Json reads fractions as long as this, and leaves out the digits beyond 100 ns, as is done here.
    private const int MaxFractionLength = 17;

    public const int MaxLength = 48;

    /// <summary>Cuts the zeros at the end of the seven digits of the round-trip form, and the dot when nothing remains.</summary>
    private static int TrimFraction(Span<byte> text, int length, int fractionLength = FractionLength)
    {
        var fraction = text.Slice(FractionStart, fractionLength);
        var kept = fraction.TrimEnd((byte)'0').Length;
        if (kept == 1)
            kept = 0;
        text[(FractionStart + fractionLength)..length].CopyTo(text[(FractionStart + kept)..]);
        return length - (fractionLength - kept);
    }

    private static int CutFraction(Span<char> text, int length)
    {
        if (length <= FractionStart + FractionLength || text[FractionStart] != '.')
            return length;
        var digits = text[(FractionStart + 1)..length].IndexOfAnyExceptInRange('0', '9');
        var fractionLength = 1 + (digits < 0 ? length - FractionStart - 1 : digits);
        if (fractionLength is <= FractionLength or > MaxFractionLength)
            return length;
        text[(FractionStart + fractionLength)..length].CopyTo(text[(FractionStart + FractionLength)..]);
        return length - (fractionLength - FractionLength);
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out DateTime value)
    {
        value = default;
        Span<char> chars = stackalloc char[MaxLength];
        return Ascii.ToUtf16(text, chars, out var length) == OperationStatus.Done
            && DateTime.TryParseExact(chars[..CutFraction(chars, length)], Formats, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out value);
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset value)
    {
        value = default;
        Span<char> chars = stackalloc char[MaxLength];
        return Ascii.ToUtf16(text, chars, out var length) == OperationStatus.Done
            && DateTimeOffset.TryParseExact(chars[..CutFraction(chars, length)], Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out value);
    }

    public static int Format(DateTime value, Span<byte> text)
    {
        _ = value.TryFormat(text, out var length, "O", CultureInfo.InvariantCulture);
        return TrimFraction(text, length);
    }

    /// <summary>Formats a MessagePack timestamp.</summary>
    /// <param name="value">The time.</param>
    /// <param name="rest">The nanoseconds beyond it, 0 to 99.</param>
    /// <param name="text">Receives the text.</param>
    /// <returns>The length.</returns>
    public static int FormatTimestamp(DateTimeOffset value, int rest, Span<byte> text)
    {
        if (rest == 0)
            return Format(value.UtcDateTime, text);
        _ = value.UtcDateTime.TryFormat(text, out var length, "O", CultureInfo.InvariantCulture);
        text[length - 1] = (byte)('0' + (rest / 10));
        text[length] = (byte)('0' + (rest % 10));
        text[length + 1] = (byte)'Z';
        return TrimFraction(text, length + 2, FractionLength + 2);
    }

    public static int Format(DateTimeOffset value, Span<byte> text)
    {
        _ = value.TryFormat(text, out var length, "O", CultureInfo.InvariantCulture);
        return TrimFraction(text, length);
    }
}
