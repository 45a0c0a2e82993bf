using System.IO.Pipelines;
using Ducts.Blobs.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Ducts.Blobs.Web;

/// <summary>BLOBS with the Web API that writes.</summary>
[Event(500, "BLOBS")]
internal sealed class WritableBlobsEvent(
    GroupStore groups, ContentReader reader, DirectoryStore directories, ContentStore contents, BufferStore buffers, IOptions<DuctsOptions> options)
    : BlobsEvent(groups, reader, directories)
{
    private readonly ContentReader _reader = reader;

    [WebApi("PUT", "/blob/{group}/{content}")]
    [Authorize(BlobsPolicies.Write)]
    [EndpointSummary("Adds a content, or a version of it")]
    public async Task<IResult> PutAsync(string group, string content, PipeReader body, HttpContext context, CancellationToken cancellationToken, string @namespace = "")
    {
        var request = context.Request;
        var (groupKey, contentKey) = (Decoded(group), Decoded(content));
        var headers = request.GetTypedHeaders();
        // What is refused anyway is not waited for.
        if (request.ContentLength > options.Value.Blobs.BlobsMaxSize)
        {
            throw TooLarge();
        }

        if (Refuses(headers, await _reader.FindAsync(groupKey, contentKey, "", @namespace, cancellationToken)))
        {
            return TypedResults.StatusCode(StatusCodes.Status412PreconditionFailed);
        }

        await using var upload = await Upload.ReceiveAsync(buffers, body, request.ContentLength, options.Value.Blobs.BlobsMaxSize, cancellationToken) ?? throw TooLarge();
        var fields = ContentFields.OfNew(NewContent.Of(contentKey, request.ContentType ?? ""), FieldText.DefaultType, contents.Now);
        while (true)
        {
            var current = await _reader.FindAsync(groupKey, contentKey, "", @namespace, cancellationToken);
            if (Refuses(headers, current))
            {
                return TypedResults.StatusCode(StatusCodes.Status412PreconditionFailed);
            }

            var write = new ContentWrite(WriteKind.Put, groupKey, @namespace, contentKey, upload.Source, fields) { Expected = current?.Version ?? ContentWrite.NoVersion };
            if (await contents.TryWriteAsync(write, cancellationToken) is { } written)
            {
                context.Response.GetTypedHeaders().ETag = Preconditions.TagOf(upload.Source.Cid);
                return TypedResults.Json(written, statusCode: current is null ? StatusCodes.Status201Created : StatusCodes.Status200OK);
            }

            // Somebody else has written meanwhile: what the conditions are about is another version.
        }
    }

    private static bool Refuses(Microsoft.AspNetCore.Http.Headers.RequestHeaders headers, StoredContent? current) =>
        Preconditions.Evaluate(headers, current, isReading: false) != PreconditionOutcome.Met;

    private BadHttpRequestException TooLarge() =>
        new($"The content is larger than blobs_max_size, {options.Value.Blobs.BlobsMaxSize} bytes.", StatusCodes.Status413PayloadTooLarge);
}
