using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
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
        Pack(ref reader, ref writer, options, typeof(T));
    }

    /// <summary>
    /// Packs an element from its own text: writing it first would throw for half a surrogate pair in an escape. The text may have
    /// what its document was allowed to have.
    /// </summary>
    public static void Write(ref PackWriter writer, PackSerializerOptions options, JsonElement value)
    {
        var rules = new JsonReaderOptions { MaxDepth = options.MaxDepth, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(value), rules);
        Pack(ref reader, ref writer, options, typeof(JsonElement));
    }

    public static bool TryRead(
        ref PackReader reader, PackSerializerOptions options, out ReadOnlySpan<byte> text, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        text = default;
        if (!RawValue.TryRead(ref reader, options, out var raw, out error) || !UniqueKeys.Check(raw, out error))
            return false;
        var output = new ArrayBufferWriter<byte>(Math.Max(raw.Length, 16));
        using (var json = new Utf8JsonWriter(output, WriterOptions(options)))
            MessagePackJson.Write(raw, json);
        text = output.WrittenSpan;
        return true;
    }

    private static void Pack(ref Utf8JsonReader reader, ref PackWriter writer, PackSerializerOptions options, Type type)
    {
        if (!MessagePackJson.TryRead(ref reader, ref writer, options.MaxDepth - writer.Depth, out var error))
            throw new MessagePackWriteException($"A value of type {type} cannot be packed: {error}.");
    }

    // Nobody but this process sees the text, so nothing in it needs escaping for a page.
    private static JsonWriterOptions WriterOptions(PackSerializerOptions options)
        => new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = options.MaxDepth, SkipValidation = true };
}
