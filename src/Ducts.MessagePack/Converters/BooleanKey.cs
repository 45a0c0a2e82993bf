using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

internal sealed class BooleanKey : KeyConverter<bool>
{
    public override void Write(ref PackWriter writer, bool key) => writer.WriteStringUtf8(key ? "true"u8 : "false"u8);

    public override bool TryRead(ref PackReader reader, out bool key, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        if (reader.TryReadBoolean(out key) == MessagePackStatus.Ok)
            return true;
        var start = reader;
        return (reader.TryReadString(out var text) == MessagePackStatus.Ok && bool.TryParse(text, out key))
            || Fail(start, "true or false", out key, out error);
    }
}
