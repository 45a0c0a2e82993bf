using System.Text.Encodings.Web;
using System.Text.Json;
using Ducts.Connections;
using Ducts.MessagePack;

namespace Ducts.Dispatch;

/// <summary>Messages as JSON text, for clients without MessagePack.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>The same message as JSON text, in a buffer that the caller returns.</summary>
    public static MessageBuffer FromMessagePack(MessageBuffer message)
    {
        var text = MessageBuffer.Rent();
        using var writer = new Utf8JsonWriter(text, WriterOptions);
        MessagePackJson.Write(message.Written, writer);
        writer.Flush();
        return text;
    }
}
