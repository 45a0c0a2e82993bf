using System.Globalization;
using System.Text;

namespace Ducts.Configuration;

/// <summary>
/// Reads a JSON or Python literal: lists, tuples, maps, quoted strings, numbers, <c>true</c>/<c>True</c>,
/// <c>null</c>/<c>None</c>. The values are null, bool, long, double, string, <c>List&lt;object?&gt;</c> and
/// <c>Dictionary&lt;string, object?&gt;</c>.
/// </summary>
internal ref struct LiteralReader
{
    /// <summary>Deeper than any option; keeps the recursion harmless.</summary>
    private const int MaxDepth = 32;

    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private LiteralReader(ReadOnlySpan<char> text)
    {
        _text = text;
        _at = 0;
    }

    public static bool TryRead(ReadOnlySpan<char> text, out object? value)
    {
        var reader = new LiteralReader(text);
        if (!reader.TryValue(0, out value))
            return false;
        reader.SkipSpace();
        return reader._at == text.Length;
    }

    private bool TryValue(int depth, out object? value)
    {
        value = null;
        SkipSpace();
        if (depth > MaxDepth || _at == _text.Length)
            return false;
        switch (_text[_at])
        {
            case '[':
                return TryList(']', depth, out value);
            case '(':
                return TryList(')', depth, out value);
            case '{':
                return TryMap(depth, out value);
            case '"' or '\'':
                var read = TryString(out var text);
                value = text;
                return read;
            default:
                return TryWord(out value);
        }
    }

    private bool TryList(char end, int depth, out object? value)
    {
        var items = new List<object?>();
        value = items;
        _at++;
        while (true)
        {
            if (TryTake(end))
                return true;
            if (!TryValue(depth + 1, out var item))
                return false;
            items.Add(item);
            if (!TryTake(','))
                return TryTake(end);
        }
    }

    private bool TryMap(int depth, out object? value)
    {
        var map = new Dictionary<string, object?>();
        value = map;
        _at++;
        while (true)
        {
            if (TryTake('}'))
                return true;
            if (!TryString(out var key) || !TryTake(':') || !TryValue(depth + 1, out var item))
                return false;
            map[key] = item;
            if (!TryTake(','))
                return TryTake('}');
        }
    }

    private bool TryString(out string value)
    {
        value = "";
        SkipSpace();
        if (_at == _text.Length || _text[_at] is not ('"' or '\''))
            return false;
        var quote = _text[_at++];
        var result = new StringBuilder();
        while (_at < _text.Length)
        {
            var c = _text[_at++];
            if (c == quote)
            {
                value = result.ToString();
                return true;
            }
            if (c == '\\')
            {
                if (!TryEscape(out c))
                    return false;
            }
            result.Append(c);
        }
        return false;
    }

    private bool TryEscape(out char value)
    {
        value = default;
        if (_at == _text.Length)
            return false;
        var c = _text[_at++];
        var digits = c switch { 'u' => 4, 'x' => 2, _ => 0 };
        if (digits > 0)
        {
            if (_text.Length - _at < digits || !ushort.TryParse(_text.Slice(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                return false;
            _at += digits;
            value = (char)code;
            return true;
        }
        value = c switch
        {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\b',
            'f' => '\f',
            _ => c,
        };
        return c is 'n' or 't' or 'r' or 'b' or 'f' or '\\' or '/' or '"' or '\'';
    }

    private bool TryWord(out object? value)
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '+' or '-' or '.' or '_'))
            _at++;
        var word = _text[start.._at];
        value = null;
        switch (word)
        {
            case "null" or "None":
                return true;
            case "true" or "True":
                value = true;
                return true;
            case "false" or "False":
                value = false;
                return true;
        }
        if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            value = integer;
            return true;
        }
        if (double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            value = number;
            return true;
        }
        return false;
    }

    private bool TryTake(char c)
    {
        SkipSpace();
        if (_at == _text.Length || _text[_at] != c)
            return false;
        _at++;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
    }
}
