using System.Reflection;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Ducts.WebApis;

/// <summary>
/// Marks Web APIs that take forms as minimal APIs do, where the application validates antiforgery tokens. Where it does not, the
/// mark would be an error of each such request.
/// </summary>
internal sealed class FormProtection
{
    // What UseAntiforgery leaves in the application's builder.
    private const string MiddlewareSet = "__AntiforgeryMiddlewareSet";

    private volatile bool _isUsed;

    /// <summary>Learns whether the application validates tokens; called when its middleware is complete, before the first request.</summary>
    public void Observe(IApplicationBuilder app) => _isUsed = app.Properties.ContainsKey(MiddlewareSet);

    /// <summary>Adds what an endpoint needs to the metadata, which its own attributes are part of.</summary>
    public void AddTo(IList<object> metadata, MethodInfo method)
    {
        if (_isUsed && !metadata.OfType<IAntiforgeryMetadata>().Any() && method.GetParameters().Any(TakesForm))
        {
            metadata.Add(new RequireAntiforgeryTokenAttribute());
        }
    }

    private static bool TakesForm(ParameterInfo parameter) =>
        typeof(IFormFile).IsAssignableFrom(parameter.ParameterType)
        || typeof(IFormFileCollection).IsAssignableFrom(parameter.ParameterType)
        || typeof(IFormCollection).IsAssignableFrom(parameter.ParameterType)
        || parameter.GetCustomAttributes().OfType<IFromFormMetadata>().Any();
}
