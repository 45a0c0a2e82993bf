using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

internal sealed class ByteArrayConverter : PackConverter<byte[]?>
{
    public override void Write(ref PackWriter writer, byte[]? value)
    {
        if (value is null)
            writer.WriteNil();
        else
            writer.WriteBinary(value);
    }

    public override bool TryRead(ref PackReader reader, out byte[]? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = null;
        error = null;
        return reader.TryReadNil() == MessagePackStatus.Ok || Bytes.TryRead(ref reader, out value, out error);
    }
}
