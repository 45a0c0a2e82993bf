using System.Globalization;
using System.Text;

namespace Ducts.Client;

/// <summary>Takes apart the text of an error, which is a Python constructor call with one string in quotes.</summary>
internal static class ErrorText
{
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
}
