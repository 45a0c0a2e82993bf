using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

internal sealed class StringConverter : PackConverter<string?>
{
    public override void Write(ref PackWriter writer, string? value)
    {
        if (value is null)
            writer.WriteNil();
        else
            writer.WriteString(value);
    }

    public override bool TryRead(ref PackReader reader, out string? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        if (reader.TryReadString(out value) == MessagePackStatus.Ok)
            return true;
        value = null;
        return reader.TryReadNil() == MessagePackStatus.Ok || Fail(reader, "a string", out value, out error);
    }
}
