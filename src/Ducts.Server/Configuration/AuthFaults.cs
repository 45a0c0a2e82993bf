using System.Text;

namespace Ducts.Configuration;

/// <summary>Finds what cannot be right about the bearer tokens that are accepted. The key is a secret: no message has it.</summary>
internal static class AuthFaults
{
    private const string Section = "ducts.auth_config";
    private const int MinKeyBytes = 32;

    public static void Find(DuctsAuthOptions auth, List<OptionFault> faults)
    {
        if (auth.SigningKey.Length > 0 && Encoding.UTF8.GetByteCount(auth.SigningKey) is var length and < MinKeyBytes)
        {
            Add("signing_key", $"has {length} bytes: expected at least {MinKeyBytes}, such as the output of: openssl rand -base64 {MinKeyBytes}");
        }

        if (auth.Authority.Length > 0 && FindFaultOfAuthority(auth.Authority) is { } fault)
        {
            Add("authority", fault);
        }

        if (auth is { Authority.Length: > 0, Audience.Length: 0 })
        {
            Add("authority", "needs audience, which is not set: tokens that the provider has issued for other applications would be accepted");
        }

        if (auth is { Authority.Length: > 0, SigningKey.Length: > 0 })
        {
            Add("signing_key", "is set, and so is authority: set one of them");
        }

        if (auth is { Audience.Length: > 0, Authority.Length: 0, SigningKey.Length: 0 })
        {
            Add("audience", "needs authority or signing_key, which are not set: no token would be accepted");
        }

        void Add(string option, string message) => faults.Add(new OptionFault(Section, option, message));
    }

    private static string? FindFaultOfAuthority(string authority)
    {
        if (!Uri.TryCreate(authority, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return $"\"{authority}\" is no address: expected one such as https://login.example.org/tenant";
        }

        if (address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0)
        {
            return "has a user, a query or a fragment: expected an address without, such as https://login.example.org/tenant";
        }

        return address.Scheme == "https" || address.IsLoopback
            ? null
            : $"\"{authority}\" could be answered by anybody on the way: expected https, or http on this machine only";
    }
}
