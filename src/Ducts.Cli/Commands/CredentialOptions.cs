using System.CommandLine;

namespace Ducts.Cli.Commands;

/// <summary>The options by which the commands that ask a server say who asks.</summary>
internal sealed class CredentialOptions
{
    private const string Variable = "DUCTS_TOKEN";

    public Option<string?> Token { get; } = new("--token")
    {
        Description = $"The bearer token of the user, such as one of ducts token. None: the environment variable {Variable}, which other users of the machine cannot see.",
        HelpName = "TOKEN",
    };

    public Option<string[]> Header { get; } = new("--header")
    {
        Description = "A header to send, such as \"X-Api-Key: 1234\"; can be given several times.",
        HelpName = "NAME: VALUE",
        DefaultValueFactory = static _ => [],
    };

    /// <summary>The token, or null.</summary>
    public string? TokenOf(ParseResult parsed)
    {
        var token = (parsed.GetValue(Token) ?? Environment.GetEnvironmentVariable(Variable))?.Trim();
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        // It is a secret, and not repeated.
        return token.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c) || c > '~')
            ? throw new CommandException($"The token (--token, {Variable}) has characters that no token has.")
            : token;
    }

    /// <summary>The headers, in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> HeadersOf(ParseResult parsed)
    {
        var headers = parsed.GetValue(Header)!.Select(Read).ToList();
        return headers.Exists(static header => header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase)) && TokenOf(parsed) is not null
            ? throw new CommandException($"--header Authorization: there is a token, too (--token or {Variable}); give one of them.")
            : headers;
    }

    private static KeyValuePair<string, string> Read(string text)
    {
        var at = text.IndexOf(':', StringComparison.Ordinal);
        var (name, value) = at < 0 ? (text.Trim(), "") : (text[..at].Trim(), text[(at + 1)..].Trim());
        using var probe = new HttpRequestMessage();
        return at > 0 && !value.Any(char.IsControl) && probe.Headers.TryAddWithoutValidation(name, value)
            ? KeyValuePair.Create(name, value)
            : throw new CommandException($"--header {name}: expected the name of a request's header and a value, such as \"X-Api-Key: 1234\".");
    }
}
