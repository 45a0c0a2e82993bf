using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Ducts.WebApis;

/// <summary>The application's services, with JSON as Web APIs have it.</summary>
internal sealed class WebApiServices(IServiceProvider services, JsonOptions json) : IServiceProvider
{
    private readonly IOptions<JsonOptions> _json = Options.Create(json);

    public JsonSerializerOptions Json => json.SerializerOptions;

    public object? GetService(Type serviceType) => serviceType == typeof(IOptions<JsonOptions>) ? _json : services.GetService(serviceType);
}
