using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Ducts.Cli.Hosting;
using Ducts.Cli.Identity;
using Ducts.Configuration;

namespace Ducts.Cli.Commands;

/// <summary><c>ducts token</c>: makes a token that this folder's server accepts, for development and for services.</summary>
internal static class TokenCommand
{
    private const int NewKeyBytes = 32;
    private const int MaxDays = 3650;

    public static Command Create(SharedOptions shared)
    {
        var subject = new Option<string>("--subject") { Description = "The user's id (claim sub).", HelpName = "ID", Required = true };
        var roles = new Option<string[]>("--role") { Description = "A role of the user; can be given several times.", HelpName = "NAME", DefaultValueFactory = static _ => [] };
        var claims = new Option<string[]>("--claim") { Description = "A further claim; can be given several times.", HelpName = "NAME=VALUE", DefaultValueFactory = static _ => [] };
        var expires = new Option<string>("--expires") { Description = "How long the token is valid, such as 30s, 15m, 1h or 7d.", HelpName = "TIME", DefaultValueFactory = static _ => "1h" };
        var command = new Command("token", "Prints a bearer token that is signed with signing_key of this folder's configuration.") { subject, roles, claims, expires };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            shared.Enter(parsed);
            var user = parsed.GetValue(subject)!;
            if (string.IsNullOrWhiteSpace(user))
            {
                throw new CommandException("--subject is empty: expected the user's id, such as ada.");
            }

            var lifetime = ReadTime(parsed.GetValue(expires)!);
            var further = parsed.GetValue(claims)!.Select(ReadClaim).ToList();
            var auth = LoadOptions(shared.Files(parsed));
            var token = TokenSigner.Sign(auth, user, parsed.GetValue(roles)!.Select(ReadRole).ToList(), further, lifetime, TimeProvider.System);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(token.AsMemory(), cancellationToken);
            return ExitCode.Success;
        });
        return command;
    }

    private static DuctsAuthOptions LoadOptions(IReadOnlyList<string> files)
    {
        var configuration = ServiceConfiguration.LoadLeniently(ModuleTarget.OfServer(files));
        var auth = configuration.Options.Auth;
        if (configuration.Result.Problems.Where(static problem => problem.Severity == ConfigSeverity.Error).ToList() is [_, ..] errors)
        {
            throw new CommandException($"The configuration has errors:\n{string.Join('\n', errors.Select(static error => $"  {error}"))}");
        }

        if (auth.Authority.Length > 0)
        {
            throw new CommandException($"The server accepts the tokens of {auth.Authority} (authority in [ducts.auth_config]), and only that can make them.");
        }

        if (auth.SigningKey.Length == 0)
        {
            var file = files.Count > 0 ? files[0] : DuctsConfiguration.DefaultFile(ModuleTarget.Server);
            throw new CommandException(
                $"""
                There is no key to sign with. Set one in {file}, such as this new one, and restart the server:

                [ducts.auth_config]
                signing_key = {Convert.ToBase64String(RandomNumberGenerator.GetBytes(NewKeyBytes))}

                Or set it in the environment of the server and of this command: DUCTS_AUTH__SIGNING_KEY. Who knows it can be any user.
                """);
        }

        return auth;
    }

    private static TimeSpan ReadTime(string text)
    {
        var unit = text.Length < 2 ? TimeSpan.Zero : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        return unit > TimeSpan.Zero
            && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0
            && number <= MaxDays * TimeSpan.TicksPerDay / unit.Ticks
                ? unit * number
                : throw new CommandException($"--expires {text}: expected a number with s, m, h or d behind it, such as 30s, 15m, 1h or 7d, and at most {MaxDays}d.");
    }

    private static string ReadRole(string text) =>
        string.IsNullOrWhiteSpace(text) ? throw new CommandException("--role is empty: expected the name of a role, such as admin.") : text;

    private static KeyValuePair<string, string> ReadClaim(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0 || string.IsNullOrWhiteSpace(text[..at]))
        {
            throw new CommandException($"--claim {text}: expected a name and a value, such as team=blue.");
        }

        var name = text[..at].Trim();
        return TokenSigner.OwnClaims.TryGetValue(name, out var what)
            ? throw new CommandException($"--claim {name}: {what}.")
            : KeyValuePair.Create(name, text[(at + 1)..]);
    }
}
