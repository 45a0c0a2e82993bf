using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Ducts.Cli.Identity;

/// <summary>Makes tokens that are signed with <c>signing_key</c> (HS256).</summary>
internal static class TokenSigner
{
    public const string Issuer = "ducts";

    /// <summary>The claims that have an option of their own, or that the signer sets.</summary>
    public static readonly IReadOnlyDictionary<string, string> OwnClaims = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["sub"] = "set it by --subject",
        ["role"] = "set it by --role",
        ["exp"] = "set it by --expires",
        ["aud"] = "it is audience in [ducts.auth_config]",
        ["iss"] = $"it is {Issuer}",
        ["iat"] = "it is the time at which the token is made",
        ["nbf"] = "it is the time at which the token is made",
    };

    /// <summary>The key as other programs have it that sign with the same secret: its text in UTF-8.</summary>
    public static SymmetricSecurityKey KeyOf(string secret) => new(Encoding.UTF8.GetBytes(secret));

    /// <summary>Makes a token.</summary>
    /// <param name="auth">The key, and the audience if there is one.</param>
    /// <param name="subject">The user's id.</param>
    /// <param name="roles">The user's roles.</param>
    /// <param name="claims">Further claims by name; one with several values becomes a list.</param>
    /// <param name="lifetime">How long the token is valid.</param>
    /// <param name="time">The clock.</param>
    public static string Sign(DuctsAuthOptions auth, string subject, IEnumerable<string> roles, IEnumerable<KeyValuePair<string, string>> claims, TimeSpan lifetime, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var payload = new JsonObject { ["iss"] = Issuer, ["sub"] = subject };
        if (auth.Audience.Length > 0)
        {
            payload["aud"] = auth.Audience;
        }

        foreach (var values in roles.Select(static role => KeyValuePair.Create("role", role)).Concat(claims).GroupBy(static claim => claim.Key, static claim => claim.Value, StringComparer.Ordinal))
        {
            payload[values.Key] = values.ToArray() is [var only] ? only : new JsonArray([.. values.Select(static value => (JsonNode)value)]);
        }

        payload["iat"] = now.ToUnixTimeSeconds();
        payload["nbf"] = now.ToUnixTimeSeconds();
        payload["exp"] = now.Add(lifetime).ToUnixTimeSeconds();
        var credentials = new SigningCredentials(KeyOf(auth.SigningKey), SecurityAlgorithms.HmacSha256);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(payload.ToJsonString(), credentials);
    }
}
