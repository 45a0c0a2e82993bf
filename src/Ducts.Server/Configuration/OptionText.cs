using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;

namespace Ducts.Configuration;

/// <summary>Converts values of options from and to the text of an INI file.</summary>
internal static class OptionText
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a value.</summary>
    /// <param name="option">The option.</param>
    /// <param name="text">The text, trimmed.</param>
    /// <param name="value">The value; null with <see langword="true"/> for Python's None: the default holds.</param>
    /// <returns>Whether the text is a value of the option's type. The validator checks limits.</returns>
    public static bool TryRead(OptionShape option, string text, out object? value)
    {
        value = null;
        if (text is "None")
            return true;
        var plain = Unquote(text);
        value = option.Kind switch
        {
            OptionKind.Text or OptionKind.Path => plain,
            OptionKind.Boolean => ReadBoolean(plain),
            OptionKind.Integer when option.Type == typeof(int) => ReadInt32(plain),
            OptionKind.Integer => ReadInt64(plain),
            OptionKind.Number => ReadNumber(plain),
            OptionKind.Duration => ReadDuration(plain),
            OptionKind.Choice => ReadChoice(option.Type, plain),
            OptionKind.List => text.Length == 0 ? new List<string>() : ReadList(text),
            OptionKind.Map => ReadMap(text),
            _ => null,
        };
        return value is not null;
    }

    /// <summary>Returns a value of <c>appsettings.json</c> as text; lists and maps, which come as children, as JSON.</summary>
    public static string Of(IConfigurationSection section)
    {
        return section.Value ?? ToJson(section).ToJsonString(Json);

        static JsonNode ToJson(IConfigurationSection section)
        {
            var children = section.GetChildren().ToList();
            if (children.Count == 0)
                return JsonValue.Create(section.Value ?? "");
            return children.TrueForAll(static child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                ? new JsonArray([.. children.Select(ToJson)])
                : new JsonObject(children.Select(static child => KeyValuePair.Create(child.Key, (JsonNode?)ToJson(child))));
        }
    }

    /// <summary>Returns a value as a text that <see cref="TryRead"/> gives back.</summary>
    public static string Write(object? value) => value switch
    {
        null => "None",
        string text => Escape(text),
        bool flag => flag ? "True" : "False",
        TimeSpan duration => Write(duration.TotalSeconds),
        Enum choice => choice.GetType().GetField(choice.ToString()) is { } member ? NameOf(member) : choice.ToString("D"),
        IEnumerable<string> list => $"[{string.Join(", ", list.Select(Quote))}]",
        IEnumerable<KeyValuePair<string, string>> map => $"{{{string.Join(", ", map.Select(static pair => $"{Quote(pair.Key)}: {Quote(pair.Value)}"))}}}",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>Returns the text with each percent sign doubled, as an INI file has it.</summary>
    public static string Escape(string text) => text.Replace("%", "%%", StringComparison.Ordinal);

    /// <summary>Returns the names that an enum's members have in INI files, in their order.</summary>
    public static IReadOnlyList<string> ChoicesOf(Type type) => [.. Members(type).Select(NameOf)];

    private static bool? ReadBoolean(string text) => text.ToUpperInvariant() switch
    {
        "1" or "YES" or "TRUE" or "ON" => true,
        "0" or "NO" or "FALSE" or "OFF" => false,
        _ => null,
    };

    private static int? ReadInt32(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) ? integer : null;

    private static long? ReadInt64(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) ? integer : null;

    private static double? ReadNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static TimeSpan? ReadDuration(string text)
    {
        // Without a colon, TimeSpan would read a number as days.
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null;
        // TimeSpan.FromSeconds cuts a tick off some fractions, such as 0.29, and a template would print it.
        return ReadNumber(text) is { } seconds && Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds
            ? TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond))
            : null;
    }

    /// <summary>Reads the name that a member has in INI files, or in code.</summary>
    private static object? ReadChoice(Type type, string text) => Array.Find(Members(type), member =>
        string.Equals(NameOf(member), text, StringComparison.OrdinalIgnoreCase)
        || string.Equals(member.Name, text, StringComparison.OrdinalIgnoreCase))?.GetValue(null);

    private static FieldInfo[] Members(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static);

    private static string NameOf(FieldInfo member) => member.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? member.Name;

    private static List<string>? ReadList(string text)
    {
        if (!LiteralReader.TryRead(text, out var literal) || literal is not List<object?> items || !items.TrueForAll(IsScalar))
            return null;
        return items.ConvertAll(ToText);
    }

    private static Dictionary<string, string>? ReadMap(string text)
    {
        if (!LiteralReader.TryRead(text, out var literal) || literal is not Dictionary<string, object?> items || !items.Values.All(IsScalar))
            return null;
        return items.ToDictionary(static pair => pair.Key, static pair => ToText(pair.Value));
    }

    private static bool IsScalar(object? item) => item is string or bool or IFormattable;

    private static string ToText(object? item) => item is bool flag ? (flag ? "true" : "false") : Convert.ToString(item, CultureInfo.InvariantCulture)!;

    /// <summary>Python's own printing puts strings in quotes; in a value they would become part of it.</summary>
    private static string Unquote(string text) =>
        text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0] && LiteralReader.TryRead(text, out var value) && value is string plain
            ? plain
            : text;

    private static string Quote(string text) => Escape(JsonSerializer.Serialize(text, Json));
}
