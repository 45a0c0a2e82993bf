using Ducts.Discovery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Ducts.WebApis;

/// <summary>Serves the OpenAPI document.</summary>
internal sealed class OpenApiEndpoint(DuctsPaths paths, OpenApiDocuments documents, WebApiErrors errors)
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods(paths.OpenApi, HttpMethodList.GetAndHead, AnswerAsync).WithDisplayName("Ducts OpenAPI document");

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await (await documents.GetAsync(context.RequestAborted)).WriteAsync(context);
        }
        catch (Exception exception)
        {
            // The document is made of users' types: whatever the generator cannot do with them is an error of this request only.
            await errors.AnswerAsync(context, exception, typeof(OpenApiEndpoint).Assembly);
        }
    }
}
