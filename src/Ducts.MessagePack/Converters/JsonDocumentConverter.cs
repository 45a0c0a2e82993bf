using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Ducts.MessagePack.Converters;

internal sealed class JsonDocumentConverter(PackSerializerOptions options) : PackConverter<JsonDocument?>
{
    public override void Write(ref PackWriter writer, JsonDocument? value)
    {
        if (value is null)
            writer.WriteNil();
        else
            JsonText.Write(ref writer, options, value.RootElement);
    }

    public override bool TryRead(ref PackReader reader, out JsonDocument? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = null;
        if (!JsonText.TryRead(ref reader, options, out var text, out error))
            return false;
        var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = options.MaxDepth });
        value = JsonDocument.ParseValue(ref json);
        return true;
    }
}
