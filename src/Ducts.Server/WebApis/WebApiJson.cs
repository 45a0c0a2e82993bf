using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Ducts.WebApis;

/// <summary>JSON as Web APIs have it: as the application has configured it, enums by name as on the wire.</summary>
internal static class WebApiJson
{
    public static JsonOptions Create(IOptionsFactory<JsonOptions> factory)
    {
        // Configured anew rather than copied: JsonOptions makes its serializer options itself.
        var options = factory.Create(Options.DefaultName);
        options.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        return options;
    }
}
