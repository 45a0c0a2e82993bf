using Ducts.Configuration;
using Ducts.WebApis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.AspNetCore.StaticFiles.Infrastructure;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Ducts.Discovery;

/// <summary>
/// Serves the folder of static files by ASP.NET Core's own middleware: ranges, ETag, default pages, listings. A file
/// that has a precompressed <c>.br</c> or <c>.gz</c> beside it is served as that to clients that accept it.
/// </summary>
internal sealed class StaticFileEndpoints(IOptions<DuctsOptions> options, DuctsPaths paths, EndpointGuard guard, ILogger<StaticFileEndpoints> logger) : IDisposable
{
    private readonly StaticFolder _folder = new(options.Value.GetFullPath(options.Value.Server.LocalPathStatic));
    private readonly PathString _requestPath = paths.Static.TrimEnd('/');

    /// <summary>Gets whether the folder has a page of its own to begin with.</summary>
    public bool HasIndex => _folder.GetFileInfo("/index.html").Exists;

    public IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints)
    {
        var shared = new SharedOptions { FileProvider = _folder, RequestPath = _requestPath };
        var branch = endpoints.CreateApplicationBuilder();
        branch.Use(static next => context =>
        {
            // The file middleware steps aside for a request that routing has already given to an endpoint: this one.
            context.SetEndpoint(null);
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        });
        branch.Use(AnswerUnreadable);
        branch.UseDefaultFiles(new DefaultFilesOptions(shared) { DefaultFileNames = ["index.html"] });
        if (options.Value.Server.StaticShowIndex)
        {
            branch.UseDirectoryBrowser(new DirectoryBrowserOptions(shared));
        }

        branch.Use(next => context =>
        {
            ChooseVariant(context);
            return next(context);
        });
        branch.UseStaticFiles(new StaticFileOptions(shared)
        {
            ContentTypeProvider = ContentTypes.Provider,
            ServeUnknownFileTypes = true,
            DefaultContentType = "application/octet-stream",
            OnPrepareResponse = Prepare,
        });
        branch.Run(WriteMissingAsync);
        return endpoints
            .MapMethods(paths.Static + "{**path}", HttpAnswer.GetAndHead, guard.Protect(branch.Build()))
            .WithDisplayName("Ducts static files")
            .WithOrder(DuctsHttp.LastOrder);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A file that is gone, or may not be read, between the look for it and its opening is none for the client.</summary>
    private RequestDelegate AnswerUnreadable(RequestDelegate next) => async context =>
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            logger.FileUnreadable(context.Request.Path.Value ?? "", exception.Message);
            context.Response.Clear();
            await WriteMissingAsync(context);
        }
    };

    private static Task WriteMissingAsync(HttpContext context) => HttpAnswer.WriteErrorAsync(context, StatusCodes.Status404NotFound, "no such file");

    /// <summary>Leads a request for a file to the compressed one beside it, where the client accepts that.</summary>
    private void ChooseVariant(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(_requestPath, out var path) || _folder.GetFileInfo(path.Value!) is not { Exists: true, IsDirectory: false } file)
        {
            return;
        }

        ContentCoding[] codings = [.. ContentCoding.All.Where(coding => ContentCoding.IsCurrent(_folder.GetFileInfo(path.Value + coding.Extension).LastModified, file.LastModified))];
        if (codings.Length == 0)
        {
            return;
        }

        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (Array.Find(codings, coding => coding.IsAccepted(context.Request)) is { } chosen)
        {
            context.Features.Set(new Variant(chosen, ContentTypes.Of(path.Value!)));
            context.Request.Path += chosen.Extension;
        }
    }

    private static void Prepare(StaticFileResponseContext file)
    {
        var response = file.Context.Response;
        // Kept by browsers, but asked for each time: a page that was edited shows at the next look.
        response.Headers.CacheControl = "no-cache";
        if (file.Context.Features.Get<Variant>() is { } variant && response.ContentType is not null)
        {
            response.Headers.ContentEncoding = variant.Coding.Name;
            response.ContentType = variant.ContentType;
        }
    }

    private sealed record Variant(ContentCoding Coding, string ContentType);
}
