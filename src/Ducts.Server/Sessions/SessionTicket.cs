using System.Security.Cryptography;
using System.Text;

namespace Ducts.Sessions;

/// <summary>What service discovery has noted of a session to be.</summary>
/// <param name="StreamId">The id of its entry in Redis.</param>
/// <param name="Secret">The part of its id in URLs that cannot be guessed: 40 hex digits.</param>
/// <param name="Fields">All fields of the entry: <c>ip</c>, <c>port</c>, <c>ua</c>, <c>ssid</c>, then the query's.</param>
internal sealed record SessionTicket(string StreamId, string Secret, IReadOnlyDictionary<string, string> Fields)
{
    public const string AddressField = "ip";
    public const string PortField = "port";
    public const string UserAgentField = "ua";
    public const string SecretField = "ssid";

    /// <summary>The query parameters of the discovery call.</summary>
    public IReadOnlyDictionary<string, string> Query => field ??=
        Fields.Where(pair => !IsReserved(pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value);

    /// <summary>Fields that a query parameter may not overwrite.</summary>
    public static bool IsReserved(string name) => name is AddressField or PortField or UserAgentField or SecretField;

    /// <summary>Whether the secret is this one; takes the same time for any wrong one.</summary>
    public bool HasSecret(string secret) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(secret), Encoding.ASCII.GetBytes(Secret));
}
