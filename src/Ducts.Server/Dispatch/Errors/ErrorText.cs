using System.Globalization;
using System.Text;

namespace Ducts.Dispatch.Errors;

/// <summary>
/// An error on the wire is the text of a Python constructor call, such as <c>KeyError('no such group')</c>, because Python
/// clients evaluate it. The message is one single-quoted literal of printable ASCII in which nothing can end the literal
/// early, so evaluating it never does anything else.
/// </summary>
internal static class ErrorText
{
    /// <summary>
    /// The most characters a text has. An error is for people: 4 KiB is two screens, and a handler that puts a whole
    /// document into an exception costs the caller no more than that.
    /// </summary>
    public const int MaxLength = 4096;

    private const string Cut = "...";

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
            case >= ' ' and <= '~':
                to[0] = (char)codePoint;
                return 1;
            case <= 0xff:
                return Hex('x', codePoint, "x2", to);
            case <= 0xffff:
                return Hex('u', codePoint, "x4", to);
            default:
                return Hex('U', codePoint, "x8", to);
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
