using System.Buffers;
using System.Text.Json;
using Ducts.Dispatch;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Ducts.WebApis;

/// <summary>
/// Writes a sequence item by item: as a JSON array, or as one JSON text a line (NDJSON) for a client that asks for it.
/// What has gathered is sent whenever the sequence makes it wait, a moment later while its items come in rapid succession, and never
/// later than after some kilobytes.
/// </summary>
internal sealed class SequenceResult<T>(IAsyncEnumerable<T> items, JsonSerializerOptions json) : IResult
{
    private const string NdJson = "application/x-ndjson";

    // About what one write to a socket carries well; more would only be held back.
    private const int FlushAfter = 16 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var isNdJson = WantsNdJson(httpContext.Request);
        var response = httpContext.Response;
        response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        response.ContentType = isNdJson ? NdJson : "application/json; charset=utf-8";
        if (HttpMethods.IsHead(httpContext.Request.Method))
            return;

        var aborted = httpContext.RequestAborted;
        await using var sequence = items.GetAsyncEnumerator(aborted);
        // A sequence that fails at once is an error like any other: nothing of an answer has been written yet.
        var hasItem = await sequence.MoveNextAsync();
        var scratch = new ArrayBufferWriter<byte>();
        await using var text = new Utf8JsonWriter(scratch, new JsonWriterOptions { SkipValidation = true });
        if (hasItem)
            Serialize(text, sequence.Current);

        await response.StartAsync(aborted);
        var body = response.BodyWriter;
        if (!isNdJson)
            body.Write("["u8);
        var gathered = 0L;
        var time = httpContext.RequestServices.GetRequiredService<TimeProvider>();
        var pace = new StreamPace(time);
        await using var late = new LateFlush(body, time, aborted);
        while (hasItem)
        {
            body.Write(scratch.WrittenSpan);
            if (isNdJson)
                body.Write("\n"u8);
            gathered += scratch.WrittenCount;
            var next = sequence.MoveNextAsync();
            if (gathered <= FlushAfter && next.IsCompleted)
            {
                hasItem = await next;
            }
            else if (gathered <= FlushAfter && pace.BeginWait())
            {
                var cameMeanwhile = next.IsCompleted;
                hasItem = await late.WaitAsync(next);
                pace.EndWait(cameMeanwhile);
            }
            else
            {
                await body.FlushAsync(aborted);
                gathered = 0;
                pace.NoteSent();
                var cameMeanwhile = next.IsCompleted;
                hasItem = await next;
                pace.EndWait(cameMeanwhile);
            }

            if (!hasItem)
                break;
            scratch.ResetWrittenCount();
            text.Reset();
            Serialize(text, sequence.Current);
            if (!isNdJson)
                body.Write(","u8);
        }

        // A sequence that ended because it was told to is not whole, and must not look so.
        aborted.ThrowIfCancellationRequested();
        if (!isNdJson)
            body.Write("]"u8);
        await body.FlushAsync(aborted);
    }

    private static bool WantsNdJson(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
            return false;
        foreach (var type in accepted)
        {
            if (type.MediaType.Equals(NdJson, StringComparison.OrdinalIgnoreCase) && type.Quality is not 0)
                return true;
        }

        return false;
    }

    private void Serialize(Utf8JsonWriter text, T item)
    {
        try
        {
            JsonSerializer.Serialize(text, item, json);
            text.Flush();
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new UnwritableResultException(exception);
        }
    }
}
