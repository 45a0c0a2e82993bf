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
}
