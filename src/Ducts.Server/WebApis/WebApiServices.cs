using System.Text.Json;
using System.Text.Json.Serialization;
using Ducts.MessagePack;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Ducts.WebApis;

/// <summary>The application's services, with JSON as Web APIs have it.</summary>
internal sealed class WebApiServices(IServiceProvider services, JsonOptions json) : IServiceProvider
{
    private readonly IOptions<JsonOptions> _json = Options.Create(Randomized(json));

    public JsonSerializerOptions Json => json.SerializerOptions;

    public object? GetService(Type serviceType) => serviceType == typeof(IOptions<JsonOptions>) ? _json : services.GetService(serviceType);

    /// <summary>Creates options of JSON as the application has configured them, with enums by name as on the wire.</summary>
    public static JsonOptions CreateJson(IOptionsFactory<JsonOptions> factory)
    {
        // Configured anew rather than copied: JsonOptions makes its serializer options itself.
        var options = factory.Create(Options.DefaultName);
        options.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        return options;
    }

    // Here and not above: what a document says of a type does not depend on comparers.
    private static JsonOptions Randomized(JsonOptions options)
    {
        options.SerializerOptions.UseRandomizedComparers();
        return options;
    }
}
