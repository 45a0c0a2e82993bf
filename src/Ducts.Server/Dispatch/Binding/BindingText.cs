using System.Text;
using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding;

/// <summary>What a caller is told whose data does not fit a handler's arguments.</summary>
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
        var nearest = Nearest(name, plan);
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

    private static string? Nearest(string name, ArgumentPlan plan)
    {
        string? nearest = null;
        var limit = Math.Max(1, name.Length / 3);
        for (var i = 0; i < plan.Count; i++)
        {
            var distance = SpellingDistance.Between(Plain(name), Plain(plan[i].Text));
            if (distance > limit)
                continue;
            limit = distance - 1;
            nearest = plan[i].Text;
        }

        return nearest;
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
