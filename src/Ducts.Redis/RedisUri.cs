using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Ducts.Redis;

/// <summary>
/// Where Redis is: <c>redis://[user:password@]host[:port][,host[:port]…][/db]</c>, <c>rediss://…</c> (TLS),
/// <c>unix:///path/to/socket</c>. Parameters: <c>db</c>, <c>sentinel=name</c> (the hosts are Sentinels, port 26379 by
/// default), <c>cluster=true</c> (several hosts without a Sentinel name are a cluster anyway), <c>sentinel_user</c>,
/// <c>sentinel_password</c>, <c>ca_file</c>, <c>cert_file</c>, <c>key_file</c> (PEM, for TLS). Others, such as
/// <c>encoding</c>, are accepted and ignored. User, password and parameters are percent-encoded.
/// </summary>
public sealed class RedisUri
{
    private const int DefaultPort = 6379;
    private const int DefaultSentinelPort = 26379;

    private RedisUri(IReadOnlyList<DnsEndPoint> hosts, string? unixPath)
    {
        Hosts = hosts;
        UnixPath = unixPath;
    }

    /// <summary>The servers, Sentinels or cluster nodes; empty for a Unix socket.</summary>
    public IReadOnlyList<DnsEndPoint> Hosts { get; }

    /// <summary>The path of the Unix socket; null for TCP.</summary>
    public string? UnixPath { get; }

    /// <summary>The ACL user; null for the default user.</summary>
    public string? User { get; private set; }

    /// <summary>The database's number, from 0.</summary>
    public int Database { get; private set; }

    /// <summary>Whether the connection is encrypted.</summary>
    public bool UsesTls { get; private set; }

    /// <summary>The name under which the Sentinels know the master; null without Sentinel.</summary>
    public string? SentinelName { get; private set; }

    /// <summary>Whether the hosts are nodes of a cluster.</summary>
    public bool IsCluster { get; private set; }

    internal string? Password { get; private set; }

    internal string? SentinelUser { get; private set; }

    internal string? SentinelPassword { get; private set; }

    internal string? CaFile { get; private set; }

    internal string? CertificateFile { get; private set; }

    internal string? KeyFile { get; private set; }

    /// <summary>Reads a URI.</summary>
    /// <param name="text">The URI.</param>
    /// <returns>The parts.</returns>
    /// <exception cref="FormatException">The text is no such URI; the message says what is wrong, without the password.</exception>
    /// <exception cref="ArgumentNullException">The text is null.</exception>
    public static RedisUri Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var uri, out var error) ? uri : throw new FormatException(error);
    }

    /// <summary>Reads a URI.</summary>
    /// <param name="text">The URI.</param>
    /// <param name="uri">The parts.</param>
    /// <param name="error">What is wrong, without the password.</param>
    /// <returns>Whether the text is such a URI.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RedisUri? uri, [NotNullWhen(false)] out string? error)
    {
        uri = null;
        error = null;
        var rest = text ?? string.Empty;
        var scheme = rest.IndexOf("://", StringComparison.Ordinal);
        var name = scheme < 0 ? string.Empty : rest[..scheme].ToLowerInvariant();
        if (name is not ("redis" or "rediss" or "unix"))
        {
            error = "A Redis URI begins with redis://, rediss:// or unix://.";
            return false;
        }

        rest = rest[(scheme + 3)..];
        var query = string.Empty;
        var mark = rest.IndexOf('?', StringComparison.Ordinal);
        if (mark >= 0)
        {
            query = rest[(mark + 1)..];
            rest = rest[..mark];
        }

        var parameters = ReadParameters(query);
        var credentials = string.Empty;

        // A path begins with a slash, and may have an @ of its own.
        var at = name == "unix"
            ? rest.StartsWith('/') ? -1 : rest.IndexOf("@/", StringComparison.Ordinal)
            : rest.LastIndexOf('@');
        if (at >= 0)
        {
            credentials = rest[..at];
            rest = rest[(at + 1)..];
        }

        var database = parameters.GetValueOrDefault("db");
        if (name == "unix")
        {
            if (!rest.StartsWith('/') || rest.Length < 2)
            {
                error = "A unix:// URI needs an absolute path: unix:///path/to/socket.";
                return false;
            }

            uri = new RedisUri([], Uri.UnescapeDataString(rest));
        }
        else
        {
            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            if (slash >= 0)
            {
                database = slash + 1 < rest.Length ? rest[(slash + 1)..] : database;
                rest = rest[..slash];
            }

            var defaultPort = parameters.ContainsKey("sentinel") ? DefaultSentinelPort : DefaultPort;
            if (!TryReadHosts(rest, defaultPort, out var hosts, out error))
            {
                return false;
            }

            uri = new RedisUri(hosts, null);
        }

        if (!uri.TrySetDatabase(database, out error))
        {
            uri = null;
            return false;
        }

        uri.UsesTls = name == "rediss";
        uri.SetCredentials(credentials);
        uri.SetParameters(parameters);
        if (uri.IsCluster && uri.Database != 0)
        {
            uri = null;
            error = "A Redis cluster has database 0 only.";
            return false;
        }

        return true;
    }

    /// <summary>The URI without its password.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        var user = User is null && Password is null ? string.Empty : $"{User}{(Password is null ? string.Empty : ":***")}@";
        var parameters = SentinelName is null ? string.Empty : $"?sentinel={SentinelName}";
        return UnixPath is not null
            ? $"unix://{user}{UnixPath}{(Database == 0 ? string.Empty : FormattableString.Invariant($"?db={Database}"))}"
            : FormattableString.Invariant($"{(UsesTls ? "rediss" : "redis")}://{user}{string.Join(',', Hosts.Select(Describe))}/{Database}{parameters}");
    }

    internal static string Describe(DnsEndPoint host) =>
        FormattableString.Invariant(host.Host.Contains(':', StringComparison.Ordinal) ? $"[{host.Host}]:{host.Port}" : (FormattableString)$"{host.Host}:{host.Port}");

    private static Dictionary<string, string> ReadParameters(string query)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? part : part[..equals];
            parameters[Uri.UnescapeDataString(key)] = equals < 0 ? string.Empty : Uri.UnescapeDataString(part[(equals + 1)..]);
        }

        return parameters;
    }

    private static bool TryReadHosts(string text, int defaultPort, out List<DnsEndPoint> hosts, [NotNullWhen(false)] out string? error)
    {
        hosts = [];
        foreach (var part in text.Split(','))
        {
            var host = part.Length == 0 ? "localhost" : part;
            var port = defaultPort;
            var bracket = host.LastIndexOf(']');
            var colon = host.LastIndexOf(':');
            if (colon > bracket)
            {
                if (!int.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
                {
                    error = $"'{host[(colon + 1)..]}' is no port; expected a number from 1 to 65535.";
                    return false;
                }

                host = host[..colon];
            }

            host = host.Trim('[', ']');
            hosts.Add(new DnsEndPoint(host.Length == 0 ? "localhost" : host, port));
        }

        error = null;
        return true;
    }

    private bool TrySetDatabase(string? text, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var database))
        {
            error = $"'{text}' is no database; expected a number from 0.";
            return false;
        }

        Database = database;
        return true;
    }

    private void SetCredentials(string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var user = Uri.UnescapeDataString(colon < 0 ? text : text[..colon]);
        User = user.Length == 0 ? null : user;
        Password = colon < 0 ? null : Uri.UnescapeDataString(text[(colon + 1)..]);
    }

    private void SetParameters(Dictionary<string, string> parameters)
    {
        SentinelName = parameters.GetValueOrDefault("sentinel");
        SentinelUser = parameters.GetValueOrDefault("sentinel_user");
        SentinelPassword = parameters.GetValueOrDefault("sentinel_password");
        CaFile = parameters.GetValueOrDefault("ca_file");
        CertificateFile = parameters.GetValueOrDefault("cert_file");
        KeyFile = parameters.GetValueOrDefault("key_file");
        IsCluster = SentinelName is null
            && (Hosts.Count > 1 || parameters.GetValueOrDefault("cluster") is "true" or "1" or "yes");
    }
}
