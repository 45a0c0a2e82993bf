using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Ducts.MessagePack.Converters;

internal sealed class JsonElementConverter(PackSerializerOptions options) : PackConverter<JsonElement>
{
    public override void Write(ref PackWriter writer, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
            writer.WriteNil();
        else
            JsonText.Write(ref writer, options, value);
    }

    public override bool TryRead(ref PackReader reader, out JsonElement value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        if (!JsonText.TryRead(ref reader, options, out var text, out error))
            return false;
        var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = options.MaxDepth });
        value = JsonElement.ParseValue(ref json);
        return true;
    }
}
