using System.Buffers;
using System.Text;

namespace Ducts.Configuration;

/// <summary>
/// A template of service discovery with <c>{name}</c> placeholders, parsed once; <c>{{</c> and <c>}}</c> stand for
/// themselves.
/// </summary>
internal sealed class DiscoveryTemplate
{
    /// <summary>Names whose values a request brings.</summary>
    private static readonly string[] OfRequest = ["ws_host", "ws_scheme", "api_host", "api_scheme", "session_id"];

    /// <summary>Names of whole paths, put together from options.</summary>
    private static readonly string[] OfPaths = ["root_path_websocket", "root_path_api", "root_path_libs"];

    private readonly (string Text, bool IsName)[] _parts;

    private DiscoveryTemplate((string Text, bool IsName)[] parts) => _parts = parts;

    /// <summary>Gets the placeholders' names.</summary>
    public IEnumerable<string> Names => _parts.Where(static part => part.IsName).Select(static part => part.Text);

    /// <summary>Gets all names that a template may have: those above and each option of <c>ducts.server_config</c>.</summary>
    private static IEnumerable<string> KnownNames =>
        OptionCatalog.Of<DuctsServerOptions>().Options.Select(static option => option.Name).Concat(OfPaths).Concat(OfRequest);

    /// <summary>Parses a template.</summary>
    /// <param name="text">The option's value.</param>
    /// <param name="template">The template.</param>
    /// <param name="problem">What is wrong and what was expected.</param>
    /// <returns>Whether its braces match and its names are known.</returns>
    public static bool TryParse(string text, out DiscoveryTemplate template, out string problem)
    {
        template = new([]);
        if (!TrySplit(text, out var parts, out problem))
            return false;
        template = new([.. parts]);
        if (template.Names.FirstOrDefault(static name => !KnownNames.Contains(name)) is not { } unknown)
            return true;
        var suggestion = Spelling.DidYouMean(unknown, KnownNames);
        problem = $"{{{unknown}}} is unknown{(suggestion.Length > 0 ? suggestion : $": expected an option of ducts.server_config, or one of {string.Join(", ", OfPaths.Concat(OfRequest))}")}";
        return false;
    }

    /// <summary>Fills the template in.</summary>
    /// <param name="state">What <paramref name="valueOf"/> is given.</param>
    /// <param name="valueOf">Returns the value of a name.</param>
    public string Fill<TState>(TState state, Func<TState, string, string> valueOf)
    {
        var texts = ArrayPool<string?>.Shared.Rent(_parts.Length);
        for (var i = 0; i < _parts.Length; i++)
            texts[i] = _parts[i].IsName ? valueOf(state, _parts[i].Text) : _parts[i].Text;
        var filled = string.Concat(texts.AsSpan(0, _parts.Length));
        ArrayPool<string?>.Shared.Return(texts, clearArray: true);
        return filled;
    }

    private static bool TrySplit(string text, out List<(string Text, bool IsName)> parts, out string problem)
    {
        parts = [];
        problem = "";
        var literal = new StringBuilder();
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
                    problem = $"the '{{' at character {i + 1} of \"{text}\" is never closed: expected a name such as {{session_id}}, or {{{{ for the brace itself";
                    return false;
                }

                parts.Add((literal.ToString(), false));
                literal.Clear();
                parts.Add((text[(i + 1)..end], true));
                i = end;
            }
            else if (c == '}')
            {
                problem = $"the '}}' at character {i + 1} of \"{text}\" closes nothing: expected a name such as {{session_id}}, or }}}} for the brace itself";
                return false;
            }
            else
            {
                literal.Append(c);
            }
        }

        parts.Add((literal.ToString(), false));
        return true;
    }
}
