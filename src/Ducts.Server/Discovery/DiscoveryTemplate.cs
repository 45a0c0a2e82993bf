using System.Text;

namespace Ducts.Discovery;

/// <summary>A template with <c>{name}</c> placeholders, parsed once; <c>{{</c> and <c>}}</c> stand for themselves.</summary>
internal sealed class DiscoveryTemplate
{
    private readonly (string Text, bool IsName)[] _parts;

    private DiscoveryTemplate((string Text, bool IsName)[] parts) => _parts = parts;

    /// <summary>The placeholders' names.</summary>
    public IEnumerable<string> Names => _parts.Where(static part => part.IsName).Select(static part => part.Text);

    /// <summary>Parses a template; false, with the reason, when its braces do not match.</summary>
    public static bool TryParse(string text, out DiscoveryTemplate template, out string problem)
    {
        var parts = new List<(string, bool)>();
        var literal = new StringBuilder();
        template = new([]);
        problem = "";
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '{' or '}' && i + 1 < text.Length && text[i + 1] == c)
            {
                literal.Append(c);
                i++;
            }
            else if (c == '{')
            {
                var end = text.IndexOf('}', i);
                if (end < 0)
                {
                    problem = $"the '{{' at character {i + 1} of '{text}' is never closed";
                    return false;
                }

                if (literal.Length > 0)
                    parts.Add((literal.ToString(), false));
                literal.Clear();
                parts.Add((text[(i + 1)..end], true));
                i = end;
            }
            else if (c == '}')
            {
                problem = $"the '}}' at character {i + 1} of '{text}' closes nothing";
                return false;
            }
            else
            {
                literal.Append(c);
            }
        }

        if (literal.Length > 0)
            parts.Add((literal.ToString(), false));
        template = new([.. parts]);
        return true;
    }

    /// <summary>Fills the template in.</summary>
    public string Fill<TState>(TState state, Func<TState, string, string> valueOf)
    {
        var result = new StringBuilder();
        foreach (var (text, isName) in _parts)
            result.Append(isName ? valueOf(state, text) : text);
        return result.ToString();
    }
}
