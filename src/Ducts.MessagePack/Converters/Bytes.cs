using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>Bytes as bin; read from base64 strings too, which is how clients that speak JSON send them.</summary>
internal static class Bytes
{
    public static bool TryRead(ref PackReader reader, [NotNullWhen(true)] out byte[]? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = null;
        error = null;
        if (reader.TryReadBinary(out var bytes) == MessagePackStatus.Ok)
        {
            value = bytes.ToArray();
            return true;
        }

        var start = reader;
        if (reader.TryReadStringBytes(out var text) != MessagePackStatus.Ok)
        {
            error = MessagePackReadError.At(start, "bytes");
            return false;
        }

        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, decoded, out _, out var length) != OperationStatus.Done)
        {
            error = new MessagePackReadError("", "bytes, or a string in base64", "other text");
            return false;
        }

        value = length == decoded.Length ? decoded : decoded[..length];
        return true;
    }
}
