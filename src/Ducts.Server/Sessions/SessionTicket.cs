using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ducts.Sessions;

/// <summary>What service discovery has noted of a session to be.</summary>
/// <param name="StreamId">The id of its entry in Redis.</param>
/// <param name="Fields">What of it is in Redis for all to read: <c>ip</c>, <c>port</c>, <c>ua</c>, <c>ssid</c>.</param>
internal sealed record SessionTicket(string StreamId, SessionFields Fields)
{
    public const string AddressField = "ip";
    public const string PortField = "port";
    public const string UserAgentField = "ua";
    public const string SecretField = "ssid";

    // Names and values.
    private const int MaxSearched = 32;

    // Only Redis reads it: what is escaped without need would make a stranger's text several times as long.
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Gets the query parameters of the discovery call.</summary>
    public SessionFields Query { get; init; } = SessionFields.Empty;

    /// <summary>Gets the user that was found when the ticket was issued.</summary>
    public SessionUser User { get; init; } = new();

    /// <summary>Gets whether the session has no user, whoever opens it.</summary>
    public bool IsForScript { get; init; }

    /// <summary>Gets what is kept of the session's key; null where it has none.</summary>
    public string? KeyHash { get; init; }

    /// <summary>Gets when the ticket was issued, by Redis' clock.</summary>
    public DateTimeOffset IssuedAt => DateTimeOffset.FromUnixTimeMilliseconds(Order.Milliseconds);

    /// <summary>Gets what tells which of two tickets is the older one, also of the same millisecond.</summary>
    public (long Milliseconds, long Number) Order
    {
        get
        {
            var dash = StreamId.IndexOf('-');
            return (long.Parse(StreamId.AsSpan(0, dash), CultureInfo.InvariantCulture), long.Parse(StreamId.AsSpan(dash + 1), CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Fields that a query parameter may not overwrite.</summary>
    public static bool IsReserved(string name) => name is AddressField or PortField or UserAgentField or SecretField;

    /// <summary>Returns what is kept of a secret: its SHA-256 in hex, so that whoever reads Redis or its files opens no session.</summary>
    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(secret)));

    /// <summary>Whether the secret is this one; takes the same time for any wrong one.</summary>
    public bool HasSecret(string secret) =>
        Fields.TryGetValue(SecretField, out var hash)
        && IsHashOf(secret, hash);

    /// <summary>Whether the session's key is this one; takes the same time for any wrong one.</summary>
    public bool HasKey(string key) => KeyHash is { } hash && IsHashOf(key, hash);

    /// <summary>Returns whether a hash is that of a secret; takes the same time for any wrong one.</summary>
    public static bool IsHashOf(string secret, string hash) =>
        CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(HashOf(secret).AsSpan()), MemoryMarshal.AsBytes(hash.AsSpan()));

    /// <summary>Returns fields as the value of a key in Redis: a JSON array of names and values in turn.</summary>
    public static byte[] Pack(IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        var texts = new string[fields.Count * 2];
        for (var i = 0; i < fields.Count; i++)
            (texts[2 * i], texts[(2 * i) + 1]) = (fields[i].Key, fields[i].Value);
        return JsonSerializer.SerializeToUtf8Bytes(texts, Relaxed);
    }

    /// <summary>Reads what <see cref="Pack"/> has written; anything may be in it. Where a name occurs twice, its last value counts.</summary>
    public static bool TryUnpack(ReadOnlySpan<byte> packed, [NotNullWhen(true)] out SessionFields? fields)
    {
        fields = null;
        try
        {
            if (JsonSerializer.Deserialize<string[]>(packed) is not { } texts || texts.Length % 2 != 0 || texts.Contains(null))
                return false;
            fields = new SessionFields(texts.Length <= MaxSearched ? FindFew(texts) : FindMany(texts));
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // A ticket has few, which are found sooner by looking at all of them; but a client may send as many as its query has room for.
    private static KeyValuePair<string, string>[] FindFew(string[] texts)
    {
        var found = new KeyValuePair<string, string>[texts.Length / 2];
        var count = 0;
        for (var i = 0; i < texts.Length; i += 2)
        {
            var place = 0;
            while (place < count && found[place].Key != texts[i])
                place++;
            found[place] = new(Shared(texts[i]), texts[i + 1]);
            count = Math.Max(count, place + 1);
        }

        return count == found.Length ? found : found[..count];
    }

    private static KeyValuePair<string, string>[] FindMany(string[] texts)
    {
        var found = new OrderedDictionary<string, string>(texts.Length / 2, StringComparer.Ordinal);
        for (var i = 0; i < texts.Length; i += 2)
            found[Shared(texts[i])] = texts[i + 1];
        return [.. found];
    }

    // Each session has these names: one string for all of them.
    private static string Shared(string name) => name switch
    {
        AddressField => AddressField,
        PortField => PortField,
        UserAgentField => UserAgentField,
        SecretField => SecretField,
        _ => name,
    };
}
