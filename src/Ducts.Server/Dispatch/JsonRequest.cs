using System.Text.Json;
using Ducts.Connections;
using Ducts.MessagePack;

namespace Ducts.Dispatch;

/// <summary>A request in JSON text, <c>{"request_id":…, "event_id":…, "data":…}</c>, as the same request in MessagePack.</summary>
internal static class JsonRequest
{
    private static readonly string[] Names = ["request_id", "event_id", "data"];

    /// <summary>Converts a request.</summary>
    /// <param name="json">The text.</param>
    /// <param name="maxDepth">Levels of nesting that are accepted.</param>
    /// <param name="message">
    /// The request in MessagePack, as far as it could be read: a request without an event id has only its request id.
    /// </param>
    /// <returns>What is wrong, or null.</returns>
    public static string? ToMessagePack(ReadOnlySpan<byte> json, int maxDepth, MessageBuffer message)
    {
        var parts = new MessageBuffer?[Names.Length];
        try
        {
            var problem = ReadParts(json, maxDepth, parts);
            var count = parts[0] is null ? 0 : parts[1] is null ? 1 : Names.Length;
            var writer = new MessagePackWriter(message);
            writer.WriteArrayHeader(count);
            for (var i = 0; i < count; i++)
            {
                if (parts[i] is { } part)
                    writer.WriteRaw(part.Written);
                else
                    writer.WriteNil();
            }

            writer.Flush();
            return problem;
        }
        finally
        {
            foreach (var part in parts)
                part?.Return();
        }
    }

    private static string? ReadParts(ReadOnlySpan<byte> json, int maxDepth, MessageBuffer?[] parts)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return "a request in text is a JSON object with request_id, event_id and data";
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var index = IndexOf(ref reader);
                reader.Read();
                if (index < 0)
                {
                    reader.Skip();
                    continue;
                }

                var part = parts[index] ??= MessageBuffer.Rent();
                part.Clear();
                var writer = new MessagePackWriter(part);
                if (!MessagePackJson.TryRead(ref reader, ref writer, maxDepth, out var problem))
                    return problem;
                writer.Flush();
            }

            if (reader.Read())
                return "bytes follow the message";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second: half a surrogate pair in the escapes of a name.
            return "the message is not JSON";
        }

        return parts[0] is null ? "request_id is missing" : parts[1] is null ? "event_id is missing" : null;
    }

    private static int IndexOf(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            if (reader.ValueTextEquals(Names[i]))
                return i;
        }

        return -1;
    }
}
