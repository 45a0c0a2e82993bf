using System.Buffers.Text;
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

    /// <summary>Gets the id by which handlers and logs know the session; the secret is not in it.</summary>
    public string SessionId => SessionIdPrefix + Encoded;

    private string Encoded => Convert.ToBase64String(Encoding.ASCII.GetBytes(StreamId));

    public override string ToString() => $"{Secret}.{Encoded}";

    /// <summary>Reads an id; anything may be in it.</summary>
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

        Span<byte> bytes = stackalloc byte[MaxEncodedLength];
        if (!Convert.TryFromBase64Chars(text.AsSpan(SecretLength + 1), bytes, out var length) || !TryReadStreamId(bytes[..length], out _))
            return false;
        id = new SessionUrlId(text[..SecretLength], Encoding.ASCII.GetString(bytes[..length]));
        return true;
    }

    /// <summary>Reads the stream id out of a <see cref="SessionId"/>; anything may be in it.</summary>
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

    /// <summary>When an entry was added, by its id.</summary>
    public static DateTimeOffset AddedAt(string streamId) =>
        TryReadStreamId(Encoding.ASCII.GetBytes(streamId), out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.MinValue;

    private static bool TryReadStreamId(ReadOnlySpan<byte> text, out long milliseconds)
    {
        milliseconds = 0;
        var dash = text.IndexOf((byte)'-');
        return dash > 0
            && Utf8Parser.TryParse(text[..dash], out milliseconds, out var read) && read == dash
            && milliseconds is >= 0 and < 253402300800000
            && ulong.TryParse(text[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }
}
