using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ducts.Load;

/// <summary>Bearer tokens of users, signed with the key that the server under load is given.</summary>
internal static class UserToken
{
    public const string Key = "the load driver's key, of no use to anyone else";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(6);

    public static string Sign(string user)
    {
        var expires = DateTimeOffset.UtcNow.Add(Lifetime).ToUnixTimeSeconds();
        var body = $"{Encode("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Encode(JsonSerializer.SerializeToUtf8Bytes(new { sub = user, exp = expires }))}";
        return $"{body}.{Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.ASCII.GetBytes(body)))}";
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
