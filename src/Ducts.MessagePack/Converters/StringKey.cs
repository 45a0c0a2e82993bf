using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Ducts.MessagePack.Converters;

internal sealed class StringKey(JsonNamingPolicy? policy) : KeyConverter<string>
{
    public override void Write(ref PackWriter writer, string key) => writer.WriteString(policy is null ? key : policy.ConvertName(key));

    public override bool TryRead(ref PackReader reader, [MaybeNullWhen(false)] out string key, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        if (reader.TryReadString(out key) == MessagePackStatus.Ok)
            return true;

        // Python and Ruby clients send maps with integers for keys.
        if (reader.TryPeekKind(out var kind) != MessagePackStatus.Ok || kind != MessagePackKind.Integer
            || reader.TryReadRaw(out var raw, maxDepth: 0) != MessagePackStatus.Ok)
        {
            return Fail(reader, "a string", out key, out error);
        }

        var integer = new PackReader(raw);
        key = KeyText.Read(ref integer);
        return true;
    }
}
