using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

internal sealed class BooleanConverter : MessagePackConverter<bool>
{
    public override void Write(ref MessagePackWriter writer, bool value) => writer.WriteBoolean(value);

    public override bool TryRead(ref MessagePackReader reader, out bool value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        return reader.TryReadBoolean(out value) == MessagePackStatus.Ok || Fail(reader, "a boolean", out value, out error);
    }
}
