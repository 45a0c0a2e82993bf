using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Ducts.WebApis;

/// <summary>Writes small answers that are complete in memory, with their length.</summary>
internal static class HttpAnswer
{
    public const string Json = "application/json; charset=utf-8";

    public const string JavaScript = "text/javascript; charset=utf-8";

    // A thread keeps no more than this for its next answer.
    private const int MaxKept = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    public static readonly string[] Get = [HttpMethods.Get];

    public static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    // For answers that are read as JSON and by their content type can be taken for nothing else: '+' stays '+'.
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns JSON that is a document of its own.</summary>
    public static byte[] ToJson<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Relaxed);

    /// <summary>Returns JSON that is a document of its own.</summary>
    public static byte[] ToJson<TState>(TState state, Action<Utf8JsonWriter, TState> write) =>
        ToJson(state, write, new JsonWriterOptions { Encoder = Relaxed.Encoder });

    /// <summary>Returns JSON that may stand inside a script: without <c>&lt;</c> and line separators, ASCII only.</summary>
    public static byte[] ToScriptJson<TState>(TState state, Action<Utf8JsonWriter, TState> write) => ToJson(state, write, default);

    public static Task WriteAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>Writes an error outside the Web APIs: <c>{"error": text}</c>.</summary>
    public static Task WriteErrorAsync(HttpContext context, int status, string text)
    {
        context.Response.Headers.CacheControl = "no-store";
        return WriteAsync(context, status, Json, ToJson(new { error = text }));
    }

    /// <summary>Writes an error to whoever loads a script: harmless should it be run, and then told on the console.</summary>
    public static Task WriteScriptErrorAsync(HttpContext context, int status, string text)
    {
        context.Response.Headers.CacheControl = "no-store";
        byte[] script = [.. "console.error("u8, .. ToScriptJson(text, static (json, text) => json.WriteStringValue($"Ducts: {text}")), .. ");\n"u8];
        return WriteAsync(context, status, JavaScript, script);
    }

    private static byte[] ToJson<TState>(TState state, Action<Utf8JsonWriter, TState> write, JsonWriterOptions options)
    {
        // Taken out meanwhile, should what writes ask for an answer itself.
        var buffer = _buffer ?? new ArrayBufferWriter<byte>(1024);
        _buffer = null;
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            write(json, state);
        }

        var answer = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity <= MaxKept)
        {
            buffer.ResetWrittenCount();
            _buffer = buffer;
        }

        return answer;
    }
}
