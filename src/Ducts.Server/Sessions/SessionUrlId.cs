using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Ducts.Sessions;

/// <summary>A session's id in URLs: 40 hex digits, a dot, the base64 of the stream id.</summary>
/// <param name="Secret">The hex digits.</param>
/// <param name="StreamId">The id of the session's entry in Redis, <c>milliseconds-sequence</c>.</param>
internal readonly record struct SessionUrlId(string Secret, string StreamId)
{
    private const int SecretLength = 40;

    // "18446744073709551615-18446744073709551615" has 41 characters, 56 in base64.
    private const int MaxEncodedLength = 56;

    private const string SessionIdPrefix = "SS.";

    public override string ToString() => $"{Secret}.{Encode(StreamId)}";

    /// <summary>Returns the id by which handlers and logs know a session; the secret is not in it.</summary>
    public static string SessionIdOf(string streamId) => SessionIdPrefix + Encode(streamId);

    /// <summary>Reads an id; anything may be in it. Each id has one spelling, so that one ticket is one session.</summary>
    public static bool TryParse(string? text, out SessionUrlId id)
    {
        id = default;
        if (text is null || text.Length is <= SecretLength + 1 or > SecretLength + 1 + MaxEncodedLength || text[SecretLength] != '.')
            return false;
        foreach (var c in text.AsSpan(0, SecretLength))
        {
            if (!char.IsAsciiHexDigitLower(c))
                return false;
        }

        var encoded = text.AsSpan(SecretLength + 1);
        Span<byte> bytes = stackalloc byte[MaxEncodedLength];
        if (!Convert.TryFromBase64Chars(encoded, bytes, out var length) || !IsStreamId(bytes[..length]))
            return false;
        var streamId = Encoding.ASCII.GetString(bytes[..length]);
        // Base64 may have spaces, and bits that are not read.
        if (!encoded.SequenceEqual(Encode(streamId)))
            return false;
        id = new SessionUrlId(text[..SecretLength], streamId);
        return true;
    }

    /// <summary>Reads the stream id out of a session id as handlers know it; anything may be in it.</summary>
    public static bool TryReadSessionId(string text, [NotNullWhen(true)] out string? streamId)
    {
        streamId = null;
        Span<byte> bytes = stackalloc byte[MaxEncodedLength];
        if (!text.StartsWith(SessionIdPrefix, StringComparison.Ordinal)
            || text.Length > SessionIdPrefix.Length + MaxEncodedLength
            || !Convert.TryFromBase64Chars(text.AsSpan(SessionIdPrefix.Length), bytes, out var length))
        {
            return false;
        }

        streamId = Encoding.ASCII.GetString(bytes[..length]);
        return true;
    }

    private static string Encode(string streamId) => Convert.ToBase64String(Encoding.ASCII.GetBytes(streamId));

    private static bool IsStreamId(ReadOnlySpan<byte> text)
    {
        var dash = text.IndexOf((byte)'-');
        return dash > 0 && IsNumber(text[..dash]) && IsNumber(text[(dash + 1)..]);
    }

    // As Redis writes it: no sign, no zero in front. A parser of numbers would let zero bytes behind it pass.
    private static bool IsNumber(ReadOnlySpan<byte> text) =>
        !text.ContainsAnyExceptInRange((byte)'0', (byte)'9')
        && (text is [(byte)'0'] || (text is [not (byte)'0', ..] && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)));
}
