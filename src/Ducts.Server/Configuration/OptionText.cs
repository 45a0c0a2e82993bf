using System.Globalization;
using System.Text;

namespace Ducts.Configuration;

/// <summary>Values of options from and to the text of an INI file.</summary>
internal static class OptionText
{
    /// <summary>Reads a value.</summary>
    /// <param name="option">The option.</param>
    /// <param name="text">The text, trimmed.</param>
    /// <param name="value">The value; null with <see langword="true"/> for Python's None: the default holds.</param>
    /// <returns>Whether the text is a value of the option's type. Limits are checked by the validator.</returns>
    public static bool TryRead(OptionShape option, string text, out object? value)
    {
        value = null;
        if (text is "None")
            return true;
        switch (option.Kind)
        {
            case OptionKind.Text or OptionKind.Path:
                var plain = Unquote(text);
                // The spelling of the catalogue, so that nobody else has to mind the case.
                value = option.Choices?.FirstOrDefault(choice => string.Equals(choice, plain, StringComparison.OrdinalIgnoreCase)) ?? plain;
                return true;
            case OptionKind.Boolean:
                value = ReadBoolean(Unquote(text));
                return value is not null;
            case OptionKind.Integer:
                return TryReadInteger(option, Unquote(text), out value);
            case OptionKind.Number:
                if (!double.TryParse(Unquote(text), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
                    return false;
                value = number;
                return true;
            case OptionKind.List when text.Length == 0:
                value = new List<string>();
                return true;
            case OptionKind.List:
                value = LiteralReader.TryRead(text, out var list) ? ToStrings(list) : null;
                return value is not null;
            case OptionKind.Map:
                value = LiteralReader.TryRead(text, out var map) ? ToStringMap(map) : null;
                return value is not null;
            default:
                return false;
        }
    }

    /// <summary>Writes a value so that <see cref="TryRead"/> gives it back.</summary>
    public static string Write(object? value) => value switch
    {
        null => "None",
        string text => text.Replace("%", "%%", StringComparison.Ordinal),
        bool flag => flag ? "True" : "False",
        IEnumerable<string> list => $"[{string.Join(", ", list.Select(Quote))}]",
        IEnumerable<KeyValuePair<string, string>> map => $"{{{string.Join(", ", map.Select(static pair => $"{Quote(pair.Key)}: {Quote(pair.Value)}"))}}}",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    public static bool? ReadBoolean(string text) => text.ToUpperInvariant() switch
    {
        "1" or "YES" or "TRUE" or "ON" => true,
        "0" or "NO" or "FALSE" or "OFF" => false,
        _ => null,
    };

    /// <summary>Python's own printing puts strings in quotes; in a value they would become part of it.</summary>
    public static string Unquote(string text) =>
        text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0] && LiteralReader.TryRead(text, out var value) && value is string plain
            ? plain
            : text;

    private static bool TryReadInteger(OptionShape option, string text, out object? value)
    {
        value = null;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            return false;
        var isInt = (Nullable.GetUnderlyingType(option.Property.PropertyType) ?? option.Property.PropertyType) == typeof(int);
        if (isInt && integer is < int.MinValue or > int.MaxValue)
            return false;
        value = isInt ? (object)(int)integer : integer;
        return true;
    }

    private static List<string>? ToStrings(object? literal)
    {
        if (literal is not List<object?> items)
            return null;
        var strings = new List<string>(items.Count);
        foreach (var item in items)
        {
            if (ToScalar(item) is not { } text)
                return null;
            strings.Add(text);
        }
        return strings;
    }

    private static Dictionary<string, string>? ToStringMap(object? literal)
    {
        if (literal is not Dictionary<string, object?> items)
            return null;
        var map = new Dictionary<string, string>(items.Count);
        foreach (var (key, item) in items)
        {
            if (ToScalar(item) is not { } text)
                return null;
            map[key] = text;
        }
        return map;
    }

    private static string? ToScalar(object? item) => item switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (char.IsControl(c))
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                quoted.Append(c);
        }
        return quoted.Append('"').Replace("%", "%%").ToString();
    }
}
