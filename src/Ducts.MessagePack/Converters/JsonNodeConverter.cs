using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ducts.MessagePack.Converters;

/// <summary><see cref="JsonNode"/> and the types derived from it.</summary>
internal sealed class JsonNodeConverter<T>(PackSerializerOptions options) : PackConverter<T?>
    where T : JsonNode
{
    public override void Write(ref PackWriter writer, T? value) => WriteNode(ref writer, value);

    public override bool TryRead(ref PackReader reader, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = null;
        error = null;
        if (reader.TryReadNil() == MessagePackStatus.Ok)
            return true;
        var start = reader;
        if (!JsonText.TryRead(ref reader, options, out var text, out error))
            return false;
        var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = options.MaxDepth });
        // Names keep their case, whatever the options say of members: a map may have two that differ in nothing else.
        value = JsonNode.Parse(ref json) as T;
        return value is not null || Fail(start, typeof(T) == typeof(JsonArray) ? "an array" : typeof(T) == typeof(JsonObject) ? "a map" : "a scalar", out value, out error);
    }

    private void WriteNode(ref PackWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case null:
                writer.WriteNil();
                break;
            case JsonArray array:
                writer.Enter(options.MaxDepth);
                writer.WriteArrayHeader(array.Count);
                foreach (var item in array)
                    WriteNode(ref writer, item);
                writer.Leave();
                break;
            case JsonObject map:
                writer.Enter(options.MaxDepth);
                writer.WriteMapHeader(map.Count);
                foreach (var (name, item) in map)
                {
                    writer.WriteString(name);
                    WriteNode(ref writer, item);
                }

                writer.Leave();
                break;
            default:
                // The C# value inside: a double stays a float, as in a record; through JSON text 1.0 would become 1.
                var value = node.AsValue().GetValue<object>();
                options.GetConverter(value.GetType()).WriteObject(ref writer, value);
                break;
        }
    }
}
