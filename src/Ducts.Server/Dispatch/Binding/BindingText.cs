using System.Text;
using Ducts.Configuration;
using Ducts.Dispatch.Binding.Parameters;
using Ducts.Dispatch.Errors;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Dispatch.Binding;

/// <summary>Creates the error texts for requests whose data does not match a handler's arguments.</summary>
internal static class BindingText
{
    // Names in messages come from the request; more than this of one helps nobody.
    private const int MaxName = 64;

    public static string Missing(string name) => $"missing argument \"{name}\"";

    public static string Twice(string name) => $"argument \"{name}\" is given twice";

    public static string Mismatch(string path, string expected, string found) => $"argument \"{path}\": expected {expected}, found {found}";

    public static string NameIsNoString(MessagePackKind kind) => $"expected strings as names of arguments, found {Kind(kind)}";

    public static string NoArguments(MessagePackKind kind, bool named) =>
        named ? $"expected a map of arguments, found {Kind(kind)}" : $"expected no arguments, found {Kind(kind)}";

    public static string TooMany(int expected, int found) => expected switch
    {
        0 => $"expected no arguments, found {found}",
        1 => $"expected 1 argument, found {found}",
        _ => $"expected at most {expected} arguments, found {found}",
    };

    public static string Unknown(ReadOnlySpan<byte> utf8, ArgumentPlan plan)
    {
        var name = Shown(utf8);
        if (plan.Count == 0)
            return $"unknown argument \"{name}\"; the event takes none";
        var nearest = Spelling.Nearest(name, plan.Names, limit: Math.Max(1, name.Length / 3));
        return nearest is null ? $"unknown argument \"{name}\"" : $"unknown argument \"{name}\"; did you mean \"{nearest}\"?";
    }

    public static string Shown(ReadOnlySpan<byte> utf8)
    {
        // Four bytes make a character at most, so nothing that is shown is lost here.
        var text = Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * MaxName)]);
        return text.Length <= MaxName && utf8.Length <= 4 * MaxName ? text : string.Concat(text.AsSpan(0, Math.Min(text.Length, MaxName)), "...");
    }

    public static string Kind(MessagePackKind kind) => kind switch
    {
        MessagePackKind.Nil => "null",
        MessagePackKind.Boolean => "a boolean",
        MessagePackKind.Integer => "an integer",
        MessagePackKind.Float => "a float",
        MessagePackKind.String => "a string",
        MessagePackKind.Binary => "bytes",
        MessagePackKind.Array => "an array",
        MessagePackKind.Map => "a map",
        _ => "an extension",
    };

    /// <summary>
    /// What a caller is told of a value that could not be converted: a <c>TypeError</c> for a value of the wrong kind, a
    /// <c>ValueError</c> for wrong content.
    /// </summary>
    /// <param name="error">What the converter found.</param>
    /// <param name="argument">The argument's name.</param>
    /// <param name="isRoot">Whether the path begins at the data's root, rather than at the argument.</param>
    public static EventError Unreadable(MessagePackReadError error, string argument, bool isRoot)
    {
        // What has no name of its own, such as the second element of the data, is known by the argument's.
        var isNamed = isRoot && error.Path.Length > 0 && error.Path[0] != '[';
        var path = isNamed ? error.Path : error.Within(argument).Path;
        return new(IsOfWrongKind(error) ? ErrorNames.Type : ErrorNames.Value, Mismatch(path, error.Expected, error.Found));
    }

    // Converters say what kind of value they found, unless the kind was right: then they say what of the content was wrong.
    private static bool IsOfWrongKind(MessagePackReadError error) =>
        error.Found is "null" or "a boolean" or "an integer" or "a float" or "a string" or "bytes" or "an array" or "a map"
            or "a map without it" or "an extension";
}
