using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

internal sealed class NullableConverter<T>(PackConverter<T> converter) : PackConverter<T?>
    where T : struct
{
    public override void Write(ref PackWriter writer, T? value)
    {
        if (value is { } present)
            converter.Write(ref writer, present);
        else
            writer.WriteNil();
    }

    public override bool TryRead(ref PackReader reader, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = null;
        error = null;
        if (reader.TryReadNil() == MessagePackStatus.Ok)
            return true;
        if (!converter.TryRead(ref reader, out var present, out error))
            return false;
        value = present;
        return true;
    }
}
