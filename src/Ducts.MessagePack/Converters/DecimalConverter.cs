using System.Globalization;

namespace Ducts.MessagePack.Converters;

/// <summary>Written as a string, which keeps every digit; read from any number too.</summary>
internal sealed class DecimalConverter() : TextConverter<decimal>("a decimal number")
{
    protected override int Format(decimal value, Span<byte> text)
    {
        _ = value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        return length;
    }

    protected override bool TryParse(ReadOnlySpan<byte> text, out decimal value)
        => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    protected override bool TryReadOther(ref PackReader reader, out decimal value)
    {
        value = 0;
        if (reader.TryReadInt64(out var signed) == MessagePackStatus.Ok)
            value = signed;
        else if (reader.TryReadUInt64(out var unsigned) == MessagePackStatus.Ok)
            value = unsigned;
        else if (reader.TryReadDouble(out var number) != MessagePackStatus.Ok || !TryConvert(number, out value))
            return false;
        return true;
    }

    private static bool TryConvert(double number, out decimal value)
    {
        // The shortest text that names the float is what its writer meant: 0.1, not 0.1000000000000000055.
        Span<char> text = stackalloc char[32];
        value = 0;
        return number.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture)
            && decimal.TryParse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }
}
