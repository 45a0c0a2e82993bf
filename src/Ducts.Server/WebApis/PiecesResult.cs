using Microsoft.AspNetCore.Http;

namespace Ducts.WebApis;

/// <summary>Writes pieces of bytes one after the other, each as soon as it is there.</summary>
internal sealed class PiecesResult<T>(IAsyncEnumerable<T> pieces, Func<T, ReadOnlyMemory<byte>> bytesOf) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType ??= "application/octet-stream";
        if (HttpMethods.IsHead(httpContext.Request.Method))
            return;
        await foreach (var piece in pieces.WithCancellation(httpContext.RequestAborted))
            await response.BodyWriter.WriteAsync(bytesOf(piece), httpContext.RequestAborted);
        // Pieces that ended because they were told to are not the whole, and must not look so.
        httpContext.RequestAborted.ThrowIfCancellationRequested();
    }
}
