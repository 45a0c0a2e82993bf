using System.Globalization;
using System.Text;

namespace Ducts.Protocol;

/// <summary>
/// An error on the wire is the text of a Python constructor call, such as <c>KeyError('no such group')</c>, because Python
/// clients evaluate it. The message is one single-quoted literal in which nothing can end the literal or its line early, so
/// evaluating it never does anything else. All other characters stay as they are: other clients show the text to people.
/// </summary>
internal static class ErrorText
{
    /// <summary>
    /// The most characters a text has. An error is for people: 4 KiB is two screens, and a handler that puts a whole
    /// document into an exception costs the caller no more than that.
    /// </summary>
    public const int MaxLength = 4096;

    private const string Cut = "...";

    private const int LineSeparator = 0x2028;
    private const int ParagraphSeparator = 0x2029;

    public static string Format(string name, string message)
    {
        var text = new StringBuilder(name, name.Length + message.Length + 4).Append("('");
        Span<char> escaped = stackalloc char[10];
        var room = MaxLength - 2;
        var full = text.Length;
        foreach (var rune in new RunesAndSurrogates(message))
        {
            var length = Escape(rune, escaped);
            if (text.Length + length > room)
            {
                text.Length = full;
                text.Append(Cut);
                break;
            }

            text.Append(escaped[..length]);

            // Up to here there is still room for the dots, should the rest not fit.
            if (text.Length <= room - Cut.Length)
                full = text.Length;
        }

        return text.Append("')").ToString();
    }

    /// <summary>Takes a text apart; one of another form is the message of an error named <c>Error</c>.</summary>
    public static (string Name, string Message) Parse(string text)
    {
        var open = text.IndexOf('(');
        if (open <= 0 || text[^1] != ')' || !IsName(text.AsSpan(0, open)))
            return ("Error", text);
        var argument = text.AsSpan(open + 1, text.Length - open - 2).Trim();
        if (argument.IsEmpty)
            return (text[..open], "");
        return TryUnquote(argument, out var message) ? (text[..open], message) : (text[..open], argument.ToString());
    }

    private static bool IsName(ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('_' or '.'))
                return false;
        }

        return true;
    }

    private static bool TryUnquote(ReadOnlySpan<char> literal, out string message)
    {
        message = "";
        if (literal.Length < 2 || literal[0] is not ('\'' or '"') || literal[^1] != literal[0])
            return false;
        var quote = literal[0];
        var inside = literal[1..^1];
        var result = new StringBuilder(inside.Length);
        while (!inside.IsEmpty)
        {
            if (inside[0] == quote)
                return false;
            if (inside[0] != '\\')
            {
                result.Append(inside[0]);
                inside = inside[1..];
                continue;
            }

            var length = Unescape(inside, result);
            if (length == 0)
                return false;
            inside = inside[length..];
        }

        message = result.ToString();
        return true;
    }

    /// <summary>Appends what an escape stands for and returns its length, 0 for none.</summary>
    private static int Unescape(ReadOnlySpan<char> text, StringBuilder result)
    {
        if (text.Length < 2)
            return 0;
        switch (text[1])
        {
            case '\\' or '\'' or '"':
                result.Append(text[1]);
                return 2;
            case 'n':
                result.Append('\n');
                return 2;
            case 'r':
                result.Append('\r');
                return 2;
            case 't':
                result.Append('\t');
                return 2;
            case 'x':
                return UnescapeHex(text, 2, result);
            case 'u':
                return UnescapeHex(text, 4, result);
            case 'U':
                return UnescapeHex(text, 8, result);
            default:
                return 0;
        }
    }

    private static int UnescapeHex(ReadOnlySpan<char> text, int digits, StringBuilder result)
    {
        if (text.Length < 2 + digits || !uint.TryParse(text.Slice(2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            return 0;
        if (code <= char.MaxValue)
            result.Append((char)code);
        else if (Rune.TryCreate(code, out var rune))
            result.Append(rune.ToString());
        else
            return 0;
        return 2 + digits;
    }

    private static int Escape(int codePoint, Span<char> to)
    {
        switch (codePoint)
        {
            case '\\' or '\'':
                return Short((char)codePoint, to);
            case '\n':
                return Short('n', to);
            case '\r':
                return Short('r', to);
            case '\t':
                return Short('t', to);
            // Control characters.
            case < ' ' or (>= 0x7f and < 0xa0):
                return Hex('x', codePoint, "x2", to);
            // Half a character, and what ends a line in JavaScript.
            case (>= 0xd800 and <= 0xdfff) or LineSeparator or ParagraphSeparator:
                return Hex('u', codePoint, "x4", to);
            case <= char.MaxValue:
                to[0] = (char)codePoint;
                return 1;
            default:
                return new Rune(codePoint).EncodeToUtf16(to);
        }
    }

    private static int Short(char letter, Span<char> to)
    {
        to[0] = '\\';
        to[1] = letter;
        return 2;
    }

    private static int Hex(char letter, int codePoint, string format, Span<char> to)
    {
        Short(letter, to);
        codePoint.TryFormat(to[2..], out var digits, format, CultureInfo.InvariantCulture);
        return 2 + digits;
    }

    /// <summary>The code points of a string, where a surrogate without its partner is one by itself.</summary>
    private ref struct RunesAndSurrogates(ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> _rest = text;

        public int Current { get; private set; }

        public readonly RunesAndSurrogates GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            var isPair = _rest.Length > 1 && char.IsSurrogatePair(_rest[0], _rest[1]);
            Current = isPair ? char.ConvertToUtf32(_rest[0], _rest[1]) : _rest[0];
            _rest = _rest[(isPair ? 2 : 1)..];
            return true;
        }
    }
}
