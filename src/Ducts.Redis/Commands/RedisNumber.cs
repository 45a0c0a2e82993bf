using System.Globalization;

namespace Ducts.Redis.Commands;

/// <summary>Numbers as Redis writes them.</summary>
internal static class RedisNumber
{
    public static bool TryParseDouble(ReadOnlySpan<char> text, out double number)
    {
        switch (text)
        {
            case "inf" or "+inf":
                number = double.PositiveInfinity;
                return true;
            case "-inf":
                number = double.NegativeInfinity;
                return true;
            case "nan" or "-nan":
                number = double.NaN;
                return true;
            default:
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        }
    }

    /// <summary>A decimal integer with an optional sign, nothing else, no overflow.</summary>
    public static bool TryParseInteger(ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        var negative = false;
        var i = 0;
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
        {
            negative = text[0] == '-';
            i = 1;
        }

        // 19 digits hold every 64-bit integer.
        if (text.Length - i is 0 or > 19)
        {
            return false;
        }

        ulong magnitude = 0;
        for (; i < text.Length; i++)
        {
            var digit = (uint)(text[i] - '0');
            if (digit > 9)
            {
                return false;
            }

            magnitude = (magnitude * 10) + digit;
        }

        if (magnitude > (negative ? 1UL << 63 : long.MaxValue))
        {
            return false;
        }

        number = negative ? -(long)magnitude : (long)magnitude;
        return true;
    }
}
