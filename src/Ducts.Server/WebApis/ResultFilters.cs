using System.IO.Pipelines;
using System.Reflection;
using System.Text.Json;
using Ducts.Dispatch.Binding.Results;
using Microsoft.AspNetCore.Http;

namespace Ducts.WebApis;

/// <summary>Gives results the form they are written in: bytes as bytes, sequences item by item, values as JSON.</summary>
internal static class ResultFilters
{
    private const string Bytes = "application/octet-stream";

    /// <summary>The filter for a method's result type.</summary>
    public static Func<EndpointFilterInvocationContext, EndpointFilterDelegate, ValueTask<object?>> For(MethodInfo method, JsonSerializerOptions json)
    {
        var type = ResultShape.Awaited(method.ReturnType);
        if (IsBytes(type))
            return static async (invocation, next) => ToBytes(invocation.HttpContext, await next(invocation));
        if (ItemOf(type) is not { } item)
            return async (invocation, next) => ToValue(await next(invocation), type, json);
        if (item == typeof(byte[]) || item == typeof(ReadOnlyMemory<byte>))
            return static async (invocation, next) => ToPieces(await next(invocation));
        var make = typeof(ResultFilters).GetMethod(nameof(ToSequence), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(item)
            .CreateDelegate<Func<object?, JsonSerializerOptions, object?>>();
        return async (invocation, next) => make(await next(invocation), json);
    }

    /// <summary>What a document says of a result that is written here; null where minimal APIs know better.</summary>
    public static (Type Result, string[] ContentTypes)? DescribedTypes(MethodInfo method)
    {
        var type = ResultShape.Awaited(method.ReturnType);
        if (IsBytes(type))
            return (typeof(Stream), [Bytes]);
        if (ItemOf(type) is not { } item)
            return null;
        return IsBytes(item) ? (typeof(Stream), [Bytes]) : (typeof(IEnumerable<>).MakeGenericType(item), ["application/json", "application/x-ndjson"]);
    }

    /// <summary>Returns whether a method answers item by item.</summary>
    public static bool IsSequence(MethodInfo method) => ItemOf(ResultShape.Awaited(method.ReturnType)) is not null;

    /// <summary>The item type of an async sequence, or null.</summary>
    private static Type? ItemOf(Type type) => ResultShape.Of(type) is { Kind: ResultKind.AsyncStream, Item: { } item } ? item : null;

    // Only HTTP has a way to send what a pipe brings.
    private static bool IsBytes(Type type) => ResultShape.IsBytes(type) || typeof(PipeReader).IsAssignableFrom(type);

    private static object? ToBytes(HttpContext context, object? result)
    {
        // A handler may have named a better type.
        var type = context.Response.ContentType ?? Bytes;
        return result switch
        {
            byte[] bytes => TypedResults.Bytes(bytes, type, enableRangeProcessing: true),
            ReadOnlyMemory<byte> bytes => TypedResults.Bytes(bytes, type, enableRangeProcessing: true),
            Memory<byte> bytes => TypedResults.Bytes(bytes, type, enableRangeProcessing: true),
            Stream stream => TypedResults.Stream(stream, type, enableRangeProcessing: stream.CanSeek),
            PipeReader reader => TypedResults.Stream(reader, type),
            _ => result,
        };
    }

    private static object? ToPieces(object? result) => result switch
    {
        IAsyncEnumerable<byte[]> pieces => new PiecesResult<byte[]>(pieces, static piece => piece),
        IAsyncEnumerable<ReadOnlyMemory<byte>> pieces => new PiecesResult<ReadOnlyMemory<byte>>(pieces, static piece => piece),
        _ => result,
    };

    private static object? ToValue(object? result, Type declared, JsonSerializerOptions json) =>
        result is null or string or IResult ? result : new ValueResult(result, declared, json);

    private static object? ToSequence<T>(object? result, JsonSerializerOptions json) =>
        result is IAsyncEnumerable<T> items ? new SequenceResult<T>(items, json) : result;
}
