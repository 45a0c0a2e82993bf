using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Ducts.WebApis;

/// <summary>
/// Content in memory that is served under a strong ETag, compressed for clients that accept it. ASP.NET Core answers
/// conditional requests and ranges.
/// </summary>
/// <param name="bytes">The content.</param>
/// <param name="contentType">Its type.</param>
/// <param name="brotli">The content as Brotli; null to compress it when it is first asked for.</param>
/// <param name="gzip">The content as gzip; null to compress it when it is first asked for.</param>
internal sealed class ServedContent(byte[] bytes, string contentType, byte[]? brotli = null, byte[]? gzip = null)
{
    // Below one packet there is nothing to win.
    private const int MinCompressed = 1400;

    private readonly bool _isCompressed = bytes.Length >= MinCompressed || brotli is not null || gzip is not null;
    private readonly Variant _plain = new(bytes);
    private readonly Lazy<Variant> _brotli = new(() => new(brotli ?? Compress(bytes, static stream => new BrotliStream(stream, CompressionLevel.Optimal, leaveOpen: true))));
    private readonly Lazy<Variant> _gzip = new(() => new(gzip ?? Compress(bytes, static stream => new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true))));

    /// <summary>Gets whether it is for the user who asks, and not for others.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>Gets the content as it is.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    public Task WriteAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        LetCache(headers, IsPrivate);
        headers.XContentTypeOptions = "nosniff";
        var variant = _plain;
        if (_isCompressed)
        {
            headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
            if (ContentCoding.Choose(context.Request) is { } coding)
            {
                headers.ContentEncoding = coding.Name;
                variant = coding == ContentCoding.Brotli ? _brotli.Value : _gzip.Value;
            }
        }

        return TypedResults.Bytes(variant.Bytes, contentType, enableRangeProcessing: true, entityTag: variant.Tag).ExecuteAsync(context);
    }

    /// <summary>Lets caches keep an answer that they ask about before each use.</summary>
    /// <param name="headers">The headers of the answer.</param>
    /// <param name="isPrivate">Whether it is for the user who asks, and not for others.</param>
    public static void LetCache(IHeaderDictionary headers, bool isPrivate)
    {
        headers.CacheControl = isPrivate ? "private, no-cache" : "no-cache";
        if (isPrivate)
        {
            headers.Append(HeaderNames.Vary, $"{HeaderNames.Authorization}, {HeaderNames.Cookie}");
        }
    }

    /// <summary>Returns whether this is the same content.</summary>
    public bool Has(ReadOnlySpan<byte> content) => content.SequenceEqual(bytes);

    private static byte[] Compress(byte[] bytes, Func<Stream, Stream> encoder)
    {
        using var result = new MemoryStream();
        using (var encode = encoder(result))
        {
            encode.Write(bytes);
        }

        return result.ToArray();
    }

    // Each coding is a representation of its own, which a strong tag must tell apart.
    private sealed class Variant(byte[] bytes)
    {
        public byte[] Bytes => bytes;

        public EntityTagHeaderValue Tag { get; } = new($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"");
    }
}
