using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Ducts.Discovery;

/// <summary>
/// Bytes served under a strong ETag, compressed for those who take it. Clients may keep them and ask each time whether
/// they still hold.
/// </summary>
internal sealed class ServedContent
{
    // Below one packet there is nothing to win.
    private const int MinCompressed = 1400;

    private readonly byte[] _bytes;
    private readonly string _hash;
    private readonly string _contentType;
    private readonly Lazy<byte[]> _brotli;
    private readonly Lazy<byte[]> _gzip;

    public ServedContent(byte[] bytes, string contentType)
    {
        _bytes = bytes;
        _contentType = contentType;
        _hash = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16));
        _brotli = new(() => Compress(static stream => new BrotliStream(stream, CompressionLevel.Optimal, leaveOpen: true)));
        _gzip = new(() => Compress(static stream => new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true)));
    }

    /// <summary>The bytes as they are.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    public Task WriteAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        var encoding = _bytes.Length < MinCompressed ? null : Choose(context.Request.Headers.AcceptEncoding);
        // Two encodings are two representations: a strong ETag must tell them apart.
        var etag = new EntityTagHeaderValue(encoding is null ? $"\"{_hash}\"" : $"\"{_hash}-{encoding}\"");
        headers.ETag = etag.ToString();
        headers.CacheControl = "no-cache";
        if (_bytes.Length >= MinCompressed)
            headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (IsKnownToClient(context.Request, etag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        if (encoding is not null)
            headers.ContentEncoding = encoding;
        var body = encoding switch { "br" => _brotli.Value, "gzip" => _gzip.Value, _ => _bytes };
        return HttpAnswer.WriteAsync(context, StatusCodes.Status200OK, _contentType, body);
    }

    private static bool IsKnownToClient(HttpRequest request, EntityTagHeaderValue etag)
    {
        if (!EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known))
            return false;
        foreach (var tag in known)
        {
            // If-None-Match compares weakly: RFC 9110, 13.1.2.
            if (tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(etag, useStrongComparison: false))
                return true;
        }

        return false;
    }

    private static string? Choose(StringValues accepted)
    {
        if (!StringWithQualityHeaderValue.TryParseList(accepted, out var encodings))
            return null;
        var gzip = false;
        foreach (var encoding in encodings)
        {
            if (encoding.Quality == 0)
                continue;
            if (encoding.Value.Equals("br", StringComparison.OrdinalIgnoreCase))
                return "br";
            gzip |= encoding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase);
        }

        return gzip ? "gzip" : null;
    }

    private byte[] Compress(Func<Stream, Stream> encoder)
    {
        using var result = new MemoryStream();
        using (var encode = encoder(result))
            encode.Write(_bytes);
        return result.ToArray();
    }
}
