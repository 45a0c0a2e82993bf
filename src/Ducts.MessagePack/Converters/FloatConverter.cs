using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Ducts.MessagePack.Converters;

/// <summary>Half, float and double: always written as float64, read from any number.</summary>
internal sealed class FloatConverter<T>(bool fromStrings) : PackConverter<T>
    where T : struct, IBinaryFloatingPointIeee754<T>
{
    public override void Write(ref PackWriter writer, T value) => writer.WriteDouble(double.CreateTruncating(value));

    public override bool TryRead(ref PackReader reader, out T value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        var start = reader;
        if (reader.TryReadDouble(out var wide) == MessagePackStatus.Ok)
        {
            value = T.CreateTruncating(wide);
            if (T.IsFinite(value) || !double.IsFinite(wide))
                return true;
            value = default;
            error = new MessagePackReadError("", $"a number within the range of {typeof(T).Name}", wide.ToString("R", CultureInfo.InvariantCulture));
            return false;
        }

        if (fromStrings && reader.TryReadStringBytes(out var text) == MessagePackStatus.Ok
            && T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        return Fail(start, "a number", out value, out error);
    }
}
