using System.Globalization;
using System.Text;
using Ducts.Blobs.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Ducts.Blobs.Web;

/// <summary>Sends a version of a content, whole or in part, in pieces as they come from Redis.</summary>
internal sealed class ContentResult(StoredContent content, ContentReader reader) : IResult
{
    // Any text may be on record, but not every text is a header.
    private string ContentType => MediaTypeHeaderValue.TryParse(content.ContentType, out _) ? content.ContentType : FieldText.DefaultType;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var cancelled = httpContext.RequestAborted;
        var size = await reader.LengthOfAsync(content, cancelled);
        var requestHeaders = request.GetTypedHeaders();
        var headers = response.GetTypedHeaders();
        headers.ETag = Preconditions.TagOf(content.Cid);
        headers.LastModified = content.LastModified;
        response.Headers.AcceptRanges = "bytes";
        // What a client has called an image must not become a page.
        response.Headers.XContentTypeOptions = "nosniff";
        switch (Preconditions.Evaluate(requestHeaders, content, isReading: true))
        {
            case PreconditionOutcome.Failed:
                response.StatusCode = StatusCodes.Status412PreconditionFailed;
                return;
            case PreconditionOutcome.NotModified:
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
        }

        var ranges = HttpMethods.IsGet(request.Method) && request.Headers.Range.Count > 0 && Preconditions.AllowsRange(requestHeaders, content)
            ? ByteRanges.Find(request.Headers.Range.ToString(), size)
            : null;
        switch (ranges)
        {
            case null:
                response.ContentType = ContentType;
                response.ContentLength = size;
                await SendAsync(response, new ByteRange(0, size), cancelled);
                break;
            case []:
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                response.Headers.ContentRange = $"bytes */{size.ToString(CultureInfo.InvariantCulture)}";
                break;
            case [var only]:
                response.StatusCode = StatusCodes.Status206PartialContent;
                response.ContentType = ContentType;
                response.ContentLength = only.Length;
                response.Headers.ContentRange = RangeText(only, size);
                await SendAsync(response, only, cancelled);
                break;
            default:
                await SendPartsAsync(response, ranges, size, cancelled);
                break;
        }
    }

    private static string RangeText(ByteRange range, long size) =>
        string.Create(CultureInfo.InvariantCulture, $"bytes {range.Start}-{range.Last}/{size}");

    private async Task SendPartsAsync(HttpResponse response, IReadOnlyList<ByteRange> ranges, long size, CancellationToken cancelled)
    {
        var boundary = Guid.NewGuid().ToString("N");
        var heads = ranges
            .Select(range => Encoding.UTF8.GetBytes($"\r\n--{boundary}\r\nContent-Type: {ContentType}\r\nContent-Range: {RangeText(range, size)}\r\n\r\n"))
            .ToArray();
        var end = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        response.StatusCode = StatusCodes.Status206PartialContent;
        response.ContentType = $"multipart/byteranges; boundary={boundary}";
        response.ContentLength = heads.Sum(static head => (long)head.Length) + ranges.Sum(static range => range.Length) + end.Length;
        foreach (var (range, head) in ranges.Zip(heads))
        {
            await response.BodyWriter.WriteAsync(head, cancelled);
            await SendAsync(response, range, cancelled);
        }

        await response.BodyWriter.WriteAsync(end, cancelled);
    }

    private async Task SendAsync(HttpResponse response, ByteRange range, CancellationToken cancelled)
    {
        if (HttpMethods.IsHead(response.HttpContext.Request.Method))
        {
            return;
        }

        await foreach (var piece in reader.ReadAsync(content, range.Start, range.Length, cancelled))
        {
            await response.BodyWriter.WriteAsync(piece, cancelled);
        }
    }
}
