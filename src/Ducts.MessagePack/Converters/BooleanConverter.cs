using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

internal sealed class BooleanConverter : PackConverter<bool>
{
    public override void Write(ref PackWriter writer, bool value) => writer.WriteBoolean(value);

    public override bool TryRead(ref PackReader reader, out bool value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        return reader.TryReadBoolean(out value) == MessagePackStatus.Ok || Fail(reader, "a boolean", out value, out error);
    }
}
