using Ducts.Configuration;
using Ducts.WebApis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Ducts.Discovery;

/// <summary>The browser client and the user's libraries.</summary>
internal sealed class LibraryEndpoints(DuctsPaths paths, ClientLibraries client, LibraryFolder folder)
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods(paths.Libs + "{file}", HttpAnswer.GetAndHead, AnswerAsync).WithDisplayName("Ducts libraries");

    private Task AnswerAsync(HttpContext context)
    {
        // A name is compared with base names and never put into a path, so it cannot lead anywhere else.
        var name = (string)context.Request.RouteValues["file"]!;
        return (client.Find(name) ?? folder.Find(name)) is { } content
            ? content.WriteAsync(context)
            : HttpAnswer.WriteErrorAsync(context, StatusCodes.Status404NotFound, "no such library");
    }
}
