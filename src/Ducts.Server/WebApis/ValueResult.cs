using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Ducts.WebApis;

/// <summary>Writes a value as JSON.</summary>
internal sealed class ValueResult(object value, Type declared, JsonSerializerOptions json) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        try
        {
            // Discriminators of derived types are written only where the base type is asked for.
            var type = json.GetTypeInfo(declared).PolymorphismOptions is null ? value.GetType() : declared;
            await httpContext.Response.WriteAsJsonAsync(value, type, json, contentType: null, httpContext.RequestAborted);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new UnwritableResultException(exception);
        }
    }
}

/// <summary>A handler's result could not be written: a fault of the server's side, whatever the serializer threw.</summary>
internal sealed class UnwritableResultException(Exception innerException) : Exception(innerException.Message, innerException);
