using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Ducts.Telemetry.Logging;

/// <summary>Forms of one entry of the log, as UTF-8, each with a line feed at its end.</summary>
internal static class LogLine
{
    private static readonly JsonWriterOptions JsonOptions = new() { SkipValidation = true };

    /// <summary><c>2022-03-06 17:14:15,067 [ducts.redis] [NOTICE] CONNECTED|URL=('localhost', 6379)</c></summary>
    public static void WriteText(IBufferWriter<byte> output, DateTimeOffset time, string name, LogLevel level, EventId eventId, string message, Exception? exception)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-dd HH:mm:ss,fff} [{name}] [{LogLevelName.Of(level, eventId)}] ");
        Encoding.UTF8.GetBytes(head, output);
        WriteContinued(output, message);
        output.Write("\n"u8);
        if (exception is not null)
        {
            output.Write("    "u8);
            WriteContinued(output, exception.ToString());
            output.Write("\n"u8);
        }
    }

    public static void WriteJson(IBufferWriter<byte> output, DateTimeOffset time, string name, LogLevel level, EventId eventId, string message, Exception? exception)
    {
        using (var json = new Utf8JsonWriter(output, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, time);
            json.WriteString("level"u8, LogLevelName.Of(level, eventId));
            json.WriteString("logger"u8, name);
            json.WriteString("message"u8, message);
            if (eventId.Id != 0)
                json.WriteNumber("event_id"u8, eventId.Id);
            if (exception is not null)
                json.WriteString("exception"u8, exception.ToString());
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    /// <summary>
    /// Further lines of a message are indented, so that nothing a client sends can pass for an entry of its own; control
    /// characters, which a terminal would obey, are written as escapes.
    /// </summary>
    private static void WriteContinued(IBufferWriter<byte> output, string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && text.AsSpan().IndexOfAnyInRange('\u007f', '\u009f') < 0)
        {
            Encoding.UTF8.GetBytes(text, output);
            return;
        }
        var clean = new StringBuilder(text.Length + 32);
        foreach (var c in text.AsSpan().TrimEnd())
        {
            if (c == '\n')
                clean.Append("\n    ");
            else if (c == '\t' || !char.IsControl(c))
                clean.Append(c);
            else if (c != '\r')
                clean.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
        }
        Encoding.UTF8.GetBytes(clean.ToString(), output);
    }
}
