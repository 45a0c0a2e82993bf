using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Ducts.MessagePack.Converters;

/// <summary>Types and members with a converter or a handling of their own in System.Text.Json, which therefore does the work.</summary>
internal sealed class JsonFallbackConverter<T>(PackSerializerOptions options, JsonSerializerOptions json) : PackConverter<T?>
{
    public override void Write(ref PackWriter writer, T? value)
    {
        try
        {
            JsonText.Write(ref writer, options, value, (text, v) => JsonSerializer.Serialize(text, v, json));
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new MessagePackWriteException($"A value of type {typeof(T)} cannot be packed: {exception.Message}", exception);
        }
    }

    public override bool TryRead(ref PackReader reader, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        var start = reader;
        if (!JsonText.TryRead(ref reader, options, out var text, out error))
            return false;
        try
        {
            value = JsonSerializer.Deserialize<T>(text, json);
            return true;
        }
        catch (JsonException exception)
        {
            // System.Text.Json tells what does not fit by exception only. Its paths start with "$.".
            error = MessagePackReadError.At(start, $"a value of type {typeof(T).Name}");
            if (exception.Path is ['$', '.', _, ..] path)
                error = new MessagePackReadError(path[2..], $"a value that {typeof(T).Name} accepts", "another");
            return false;
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException)
        {
            error = MessagePackReadError.At(start, $"a type that can be read, which {typeof(T).Name} cannot ({exception.Message})");
            return false;
        }
    }
}
