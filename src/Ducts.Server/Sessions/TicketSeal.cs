using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;

namespace Ducts.Sessions;

/// <summary>
/// Seals what a ticket holds that nobody is to read in Redis: the query with a key that only the ticket's own secret gives, the
/// user under Data Protection, so that whoever can write to Redis cannot make one either.
/// </summary>
// The query does not depend on the application's keys: servers that share a Redis and have no users need not share those.
internal sealed class TicketSeal(IDataProtectionProvider protection)
{
    private const string Scheme = "Ducts";
    private const string HashItem = "ssid";
    private const string IssuedItem = "iat";
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private static readonly byte[] QueryPurpose = "ducts ticket query"u8.ToArray();

    private IDataProtector? _users;
    private IDataProtector? _fields;

    // Created when it is needed: servers without users need no keys.
    private IDataProtector Users => _users ??= protection.CreateProtector("Ducts.Sessions.SessionTicket", "v1");

    private IDataProtector Fields => _fields ??= protection.CreateProtector("Ducts.Sessions.SessionFields", "v1");

    public static string SealQuery(string secret, IReadOnlyList<KeyValuePair<string, string>> query)
    {
        var text = SessionTicket.Pack(query);
        var whole = new byte[NonceLength + TagLength + text.Length];
        Part(whole, out var nonce, out var tag, out var cipher);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(KeyOf(secret), tag.Length);
        aes.Encrypt(nonce, text, cipher, tag);
        return Convert.ToBase64String(whole);
    }

    public static bool TryOpenQuery(string secret, string text, [NotNullWhen(true)] out SessionFields? query)
    {
        query = null;
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length < NonceLength + TagLength)
        {
            return false;
        }

        Part(bytes.AsSpan(0, length), out var nonce, out var tag, out var cipher);
        var opened = new byte[cipher.Length];
        using var aes = new AesGcm(KeyOf(secret), tag.Length);
        try
        {
            aes.Decrypt(nonce, cipher, tag, opened);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        return SessionTicket.TryUnpack(opened, out query);
    }

    /// <summary>Seals a user for the ticket whose secret has this hash, and for no other.</summary>
    public string SealUser(SessionUser user, string hash)
    {
        var items = new Dictionary<string, string?> { [HashItem] = hash };
        // What the user showed may be older than the ticket, and void since: a ticket is no younger than that.
        if (user.IssuedAt is { } issuedAt)
        {
            items[IssuedItem] = issuedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        }

        var properties = new AuthenticationProperties(items) { ExpiresUtc = user.ExpiresAt };
        return Convert.ToBase64String(Users.Protect(TicketSerializer.Default.Serialize(new AuthenticationTicket(user.Principal, properties, Scheme))));
    }

    /// <summary>Opens a user; anything may be in the text.</summary>
    public bool TryOpenUser(string text, string hash, DateTimeOffset issuedAt, [NotNullWhen(true)] out SessionUser? user)
    {
        user = null;
        try
        {
            if (TicketSerializer.Default.Deserialize(Users.Unprotect(Convert.FromBase64String(text))) is not { } ticket
                || !ticket.Properties.Items.TryGetValue(HashItem, out var own) || own != hash)
            {
                return false;
            }

            if (ticket.Properties.Items.TryGetValue(IssuedItem, out var shown)
                && long.TryParse(shown, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
                && DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) is var shownAt && shownAt < issuedAt)
            {
                issuedAt = shownAt;
            }

            user = new SessionUser(ticket.Principal, ticket.Properties.ExpiresUtc, issuedAt);
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or IOException)
        {
            // Written by somebody else, or under keys that are gone.
            return false;
        }
    }

    /// <summary>Seals fields for the session whose secret has this hash, and for no other: servers that share their keys open them without it.</summary>
    public string SealFields(SessionFields fields, string hash) =>
        Convert.ToBase64String(Fields.Protect(SessionTicket.Pack([new(HashItem, hash), .. fields])));

    /// <summary>Opens fields; anything may be in the text.</summary>
    public bool TryOpenFields(string text, string hash, [NotNullWhen(true)] out SessionFields? fields)
    {
        fields = null;
        try
        {
            if (!SessionTicket.TryUnpack(Fields.Unprotect(Convert.FromBase64String(text)), out var opened)
                || !opened.TryGetValue(HashItem, out var own) || own != hash)
            {
                return false;
            }

            fields = opened.Only(static name => name != HashItem);
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return false;
        }
    }

    private static byte[] KeyOf(string secret) => HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.ASCII.GetBytes(secret), 32, salt: null, QueryPurpose);

    // In front of the cipher text: the nonce, then the tag.
    private static void Part(Span<byte> whole, out Span<byte> nonce, out Span<byte> tag, out Span<byte> cipher)
    {
        nonce = whole[..NonceLength];
        tag = whole.Slice(NonceLength, TagLength);
        cipher = whole[(NonceLength + TagLength)..];
    }
}
