using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Ducts.MessagePack.Converters;

/// <summary>Int128, UInt128 and BigInteger: integers where MessagePack has room for them, else strings of digits.</summary>
internal sealed class WideIntegerConverter<T> : PackConverter<T>
    where T : struct, IBinaryInteger<T>
{
    // Parsing decimal digits takes time that grows with their square.
    private const int MaxDigits = 10_000;

    public override void Write(ref PackWriter writer, T value)
    {
        var signed = long.CreateSaturating(value);
        var unsigned = ulong.CreateSaturating(value);
        if (T.CreateTruncating(signed) == value && T.IsNegative(value) == (signed < 0))
            writer.WriteInt64(signed);
        else if (!T.IsNegative(value) && T.CreateTruncating(unsigned) == value)
            writer.WriteUInt64(unsigned);
        else
            writer.WriteString(value.ToString(null, CultureInfo.InvariantCulture));
    }

    public override bool TryRead(ref PackReader reader, out T value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        error = null;
        var start = reader;
        if (reader.TryReadInt64(out var signed) == MessagePackStatus.Ok)
        {
            value = T.CreateSaturating(signed);
            if (signed >= 0 || T.IsNegative(value))
                return true;
            error = MessagePackReadError.OutOfRange(start, "an integer that is not negative");
            return false;
        }

        if (reader.TryReadUInt64(out var unsigned) == MessagePackStatus.Ok)
        {
            value = T.CreateChecked(unsigned);
            return true;
        }

        if (reader.TryReadStringBytes(out var text) == MessagePackStatus.Ok && text.Length <= MaxDigits
            && T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        return Fail(start, "an integer", out value, out error);
    }
}
