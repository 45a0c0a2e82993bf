using System.Buffers;

namespace Ducts.Configuration;

/// <summary>Tells what a JSONP answer may call: a dotted JavaScript name and nothing else.</summary>
internal static class JsonpCallback
{
    // Far beyond any name in use, far below what would make an answer heavy.
    private const int MaxLength = 200;

    private static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$0123456789");

    // These parse as something other than a name where a name is called.
    private static readonly HashSet<string> Reserved =
    [
        "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else",
        "enum", "export", "extends", "false", "finally", "for", "function", "if", "import", "in", "instanceof", "let",
        "new", "null", "return", "static", "super", "switch", "throw", "true", "try", "typeof", "var", "void", "while",
        "with", "yield",
    ];

    public static bool IsValid(string name)
    {
        if (name.Length is 0 or > MaxLength)
            return false;
        var isFirst = true;
        foreach (var range in name.AsSpan().Split('.'))
        {
            var part = name.AsSpan(range);
            if (part.IsEmpty || char.IsAsciiDigit(part[0]) || part.ContainsAnyExcept(Letters))
                return false;
            if (isFirst && Reserved.Contains(part.ToString()))
                return false;
            isFirst = false;
        }

        return true;
    }
}
