using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Ducts.MessagePack.Converters;

/// <summary>
/// The integers of up to 64 bits. A float that holds a whole number is one too: JavaScript clients write integers beyond 2^53
/// as floats. A string of digits is one where the options allow numbers in strings, as the Web defaults do.
/// </summary>
internal sealed class IntegerConverter<T>(bool fromStrings) : PackConverter<T>
    where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
{
    private static readonly string Expected = string.Create(CultureInfo.InvariantCulture, $"an integer from {T.MinValue} to {T.MaxValue}");

    public override void Write(ref PackWriter writer, T value)
    {
        if (T.IsNegative(T.MinValue))
            writer.WriteInt64(long.CreateTruncating(value));
        else
            writer.WriteUInt64(ulong.CreateTruncating(value));
    }

    public override bool TryRead(ref PackReader reader, out T value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        var start = reader;
        if (T.IsNegative(T.MinValue))
        {
            if (reader.TryReadInt64(out var signed) == MessagePackStatus.Ok)
            {
                value = T.CreateTruncating(signed);
                return long.CreateTruncating(value) == signed || FailRange(start, out value, out error);
            }
        }
        else if (reader.TryReadUInt64(out var unsigned) == MessagePackStatus.Ok)
        {
            value = T.CreateTruncating(unsigned);
            return ulong.CreateTruncating(value) == unsigned || FailRange(start, out value, out error);
        }

        return TryReadOther(ref reader, out value, out error);
    }

    private bool TryReadOther(ref PackReader reader, out T value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        error = null;
        _ = reader.TryPeekKind(out var kind);
        var start = reader;
        switch (kind)
        {
            case MessagePackKind.Integer:
                return FailRange(reader, out value, out error);
            case MessagePackKind.Float when reader.TryReadDouble(out var number) == MessagePackStatus.Ok && double.IsInteger(number):
                // Saturating keeps what is beyond the type at its edge, which the comparison then finds; 2^63 and 2^64 as
                // floats equal the rounded edges and must be told from them.
                value = T.CreateSaturating(number);
                if (double.CreateSaturating(value) == number && number < Math.ScaleB(1, MagnitudeBits))
                    return true;
                error = new MessagePackReadError("", Expected, number.ToString("R", CultureInfo.InvariantCulture));
                return false;
            case MessagePackKind.String when fromStrings && reader.TryReadStringBytes(out var text) == MessagePackStatus.Ok
                && T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value):
                return true;
            default:
                return Fail(start, "an integer", out value, out error);
        }
    }

    private static int MagnitudeBits => T.MaxValue.GetShortestBitLength();

    private static bool FailRange(in PackReader reader, out T value, out MessagePackReadError error)
    {
        value = default;
        error = MessagePackReadError.OutOfRange(reader, Expected);
        return false;
    }
}
