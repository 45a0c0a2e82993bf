using System.Text;
using System.Text.Json;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>An argument's name in every form a request may write it: camelCase, snake_case, PascalCase, and as in C#.</summary>
// Threading: immutable.
internal sealed class ArgumentName
{
    private readonly byte[][] _utf8;

    public ArgumentName(string parameterName)
    {
        // One form for all spellings of the parameter: userName, UserName, user_name. Where letters stand together as in
        // userID, System.Text.Json's camelCase (userID) and the words' (userId) are both good.
        var snake = string.Join('_', JsonNamingPolicy.SnakeCaseLower.ConvertName(parameterName).Split('_', StringSplitOptions.RemoveEmptyEntries));
        var words = string.Concat(snake.Split('_').Select(Capitalized));
        var camel = JsonNamingPolicy.CamelCase.ConvertName(words);
        Text = parameterName.Contains('_', StringComparison.Ordinal) ? camel : JsonNamingPolicy.CamelCase.ConvertName(parameterName);
        Forms = [.. new[] { Text, snake, camel, words, Capitalized(parameterName), parameterName }.Where(form => form.Length > 0).Distinct(StringComparer.Ordinal)];
        _utf8 = [.. Forms.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>The name in camelCase, as messages and documentation have it.</summary>
    public string Text { get; }

    /// <summary>All forms, the one in <see cref="Text"/> first.</summary>
    public IReadOnlyList<string> Forms { get; }

    public bool Matches(ReadOnlySpan<byte> utf8)
    {
        foreach (var form in _utf8)
        {
            if (utf8.SequenceEqual(form))
                return true;
        }

        return false;
    }

    private static string Capitalized(string word) => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..];
}
