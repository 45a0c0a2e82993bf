using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Ducts.MessagePack;

/// <summary>
/// Decodes UTF-8 as clients in the field write it. The JavaScript client writes U+0500 to U+07FF in three bytes; others write
/// characters beyond the basic plane as two surrogates of three bytes each. Both are resolved, the rest becomes U+FFFD.
/// </summary>
internal static class LenientUtf8
{
    private const char Replacement = '\uFFFD';

    public static string GetString(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return "";

        // Decoding first and looking for the replacement character is cheaper than validating first.
        var text = Encoding.UTF8.GetString(bytes);
        return text.Contains(Replacement) && !Utf8.IsValid(bytes) ? Decode(bytes) : text;
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        char[]? rented = null;
        var chars = bytes.Length <= 256 ? stackalloc char[256] : rented = ArrayPool<char>.Shared.Rent(bytes.Length);
        var written = 0;
        while (!bytes.IsEmpty)
        {
            bytes = bytes[DecodeOne(bytes, out var code)..];
            if (code > char.MaxValue)
                written += new Rune(code).EncodeToUtf16(chars[written..]);
            else
                chars[written++] = (char)code;
        }

        ReplaceLoneSurrogates(chars[..written]);
        var text = new string(chars[..written]);
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
        return text;
    }

    private static int DecodeOne(ReadOnlySpan<byte> bytes, out int code)
    {
        var first = bytes[0];
        var length = first switch { < 0x80 => 1, < 0xc0 => 0, < 0xe0 => 2, < 0xf0 => 3, < 0xf8 => 4, _ => 0 };
        code = Replacement;
        if (length == 0 || length > bytes.Length)
            return 1;
        var value = length == 1 ? first : first & (0x7f >> length);
        foreach (var next in bytes[1..length])
        {
            if ((next & 0xc0) != 0x80)
                return 1;
            value = (value << 6) | (next & 0x3f);
        }

        if (value > 0x10ffff)
            return 1;
        code = value;
        return length;
    }

    private static void ReplaceLoneSurrogates(Span<char> chars)
    {
        for (var i = 0; i < chars.Length; i++)
        {
            if (!char.IsSurrogate(chars[i]))
                continue;
            if (i + 1 < chars.Length && char.IsSurrogatePair(chars[i], chars[i + 1]))
                i++;
            else
                chars[i] = Replacement;
        }
    }
}
