using Ducts.Discovery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Ducts.StaticFiles;

/// <summary>Serves the folder of static files by ASP.NET Core's own middleware: ranges, ETag, default pages, listings.</summary>
internal sealed class StaticFileEndpoints(IOptions<DuctsOptions> options, DuctsPaths paths) : IDisposable
{
    private readonly StaticFolder _folder = new(Path.GetFullPath(Path.Combine(options.Value.Common.DuctsHome, options.Value.Server.LocalPathStatic)));

    /// <summary>Whether the folder has a page of its own to begin with.</summary>
    public bool HasIndex => _folder.GetFileInfo("/index.html").Exists;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        var branch = endpoints.CreateApplicationBuilder();
        branch.Use(static next => context =>
        {
            // The file middleware steps aside for a request that routing has already given to an endpoint: this one.
            context.SetEndpoint(null);
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        });
        var server = new FileServerOptions
        {
            FileProvider = _folder,
            RequestPath = paths.Static.TrimEnd('/'),
            EnableDefaultFiles = true,
            EnableDirectoryBrowsing = options.Value.Server.StaticShowIndex,
        };
        server.DefaultFilesOptions.DefaultFileNames = ["index.html"];
        server.StaticFileOptions.ContentTypeProvider = LibraryTypes.Provider;
        server.StaticFileOptions.ServeUnknownFileTypes = true;
        server.StaticFileOptions.DefaultContentType = "application/octet-stream";
        // Kept by browsers, but asked for each time: a page that was edited shows at the next look.
        server.StaticFileOptions.OnPrepareResponse = static file => file.Context.Response.Headers.CacheControl = "no-cache";
        branch.UseFileServer(server);
        branch.Run(static context => HttpAnswer.WriteErrorAsync(context, StatusCodes.Status404NotFound, "no such file"));
        endpoints
            .MapMethods(paths.Static + "{**path}", HttpMethodList.GetAndHead, branch.Build())
            .WithDisplayName("Ducts static files")
            .WithOrder(EndpointOrder.Last);
    }

    public void Dispose() => _folder.Dispose();
}
