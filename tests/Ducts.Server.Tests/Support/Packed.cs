using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ducts.MessagePack;

namespace Ducts.Tests.Support;

/// <summary>Messages as JSON text in tests, as MessagePack on the wire.</summary>
internal static class Packed
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] From(string json)
    {
        var output = new ArrayBufferWriter<byte>();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        var writer = new PackWriter(output);
        Assert.True(MessagePackJson.TryRead(ref reader, ref writer, 64, out var error), error);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    public static string ToJson(ReadOnlySpan<byte> packed)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(output, Plain);
        MessagePackJson.Write(packed, writer);
        writer.Flush();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Bytes written as hex digits, with blanks anywhere.</summary>
    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
