using System.Buffers.Text;
using System.Text;

namespace Ducts.MessagePack;

/// <summary>
/// Resolves the escapes in a string of JSON text. The reader of System.Text.Json has found that they are well formed, but throws
/// for half a surrogate pair, which JavaScript makes when it cuts a text; here that becomes U+FFFD, as in MessagePack.
/// </summary>
internal static class JsonEscapes
{
    private const int UnicodeLength = 6;

    /// <summary>Resolves the escapes.</summary>
    /// <param name="text">The text between the quotes.</param>
    /// <param name="output">Receives UTF-8, which is never longer than the text; it may be the same memory.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Resolve(ReadOnlySpan<byte> text, Span<byte> output)
    {
        var written = 0;
        while (true)
        {
            var plain = text.IndexOf((byte)'\\');
            if (plain < 0)
            {
                text.CopyTo(output[written..]);
                return written + text.Length;
            }

            text[..plain].CopyTo(output[written..]);
            written += plain;
            text = text[plain..];
            if (text[1] == 'u')
            {
                text = text[ReadRune(text, out var rune)..];
                written += rune.EncodeToUtf8(output[written..]);
            }
            else
            {
                output[written++] = Short(text[1]);
                text = text[2..];
            }
        }
    }

    private static byte Short(byte letter) => letter switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => letter,
    };

    /// <summary>Reads an escaped character, and the other half of its pair.</summary>
    /// <returns>The length of what was read.</returns>
    private static int ReadRune(ReadOnlySpan<byte> text, out Rune rune)
    {
        var first = ReadUnit(text);
        if (Rune.TryCreate(first, out rune))
            return UnicodeLength;
        var next = text[UnicodeLength..];
        if (next.Length >= UnicodeLength && next[0] == '\\' && next[1] == 'u' && Rune.TryCreate(first, ReadUnit(next), out rune))
            return 2 * UnicodeLength;
        rune = Rune.ReplacementChar;
        return UnicodeLength;
    }

    private static char ReadUnit(ReadOnlySpan<byte> text)
        => Utf8Parser.TryParse(text[2..UnicodeLength], out uint unit, out _, 'X') ? (char)unit : (char)0xfffd;
}
