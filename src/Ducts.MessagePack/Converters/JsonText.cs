using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ducts.MessagePack.Converters;

/// <summary>The way through JSON text, for values only System.Text.Json knows how to convert.</summary>
internal static class JsonText
{
    public static void Write<T>(ref PackWriter writer, PackSerializerOptions options, T value, Action<Utf8JsonWriter, T> write)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, WriterOptions(options)))
            write(json, value);
        var reader = new Utf8JsonReader(text.WrittenSpan, new JsonReaderOptions { MaxDepth = options.MaxDepth });
        if (!MessagePackJson.TryRead(ref reader, ref writer, options.MaxDepth - writer.Depth, out var error))
            throw new MessagePackWriteException($"A value of type {typeof(T)} cannot be packed: {error}.");
    }

    public static bool TryRead(
        ref PackReader reader, PackSerializerOptions options, out ReadOnlySpan<byte> text, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        text = default;
        if (!RawValue.TryRead(ref reader, options, out var raw, out error))
            return false;
        var output = new ArrayBufferWriter<byte>(Math.Max(raw.Length, 16));
        using (var json = new Utf8JsonWriter(output, WriterOptions(options)))
            MessagePackJson.Write(raw, json);
        text = output.WrittenSpan;
        return true;
    }

    // Nobody but this process sees the text, so nothing in it needs escaping for a page.
    private static JsonWriterOptions WriterOptions(PackSerializerOptions options)
        => new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = options.MaxDepth, SkipValidation = true };
}
