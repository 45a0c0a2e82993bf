using System.Net;
using System.Reflection;
using System.Text;
using Ducts.Configuration;
using Ducts.WebApis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Ducts.Discovery;

/// <summary>The root page and the icon.</summary>
internal sealed class PageEndpoints(DuctsPaths paths, StaticFileEndpoints files)
{
    private const string Html = "text/html; charset=utf-8";

    private readonly Lazy<ServedContent> _page = new(() => new ServedContent(Page(paths, ""), Html));
    private readonly Lazy<ServedContent> _icon = new(static () => new ServedContent(Resource("favicon.ico"), "image/x-icon"));

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods(paths.Favicon, HttpAnswer.GetAndHead, context => _icon.Value.WriteAsync(context)).WithDisplayName("Ducts icon").WithOrder(DuctsHttp.LastOrder);
        // With the static files at the root, the root is theirs.
        if (paths.Static != "/")
        {
            endpoints.MapMethods("/", HttpAnswer.GetAndHead, AnswerAsync).WithDisplayName("Ducts root").WithOrder(DuctsHttp.LastOrder);
        }
    }

    private static byte[] Page(DuctsPaths paths, string pathBase)
    {
        var version = typeof(PageEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        var page = new StringBuilder(Encoding.UTF8.GetString(Resource("welcome.html")))
            .Replace("{version}", WebUtility.HtmlEncode(version))
            .Replace("{wsd}", WebUtility.HtmlEncode(pathBase + paths.ServiceDiscovery))
            .Replace("{events}", WebUtility.HtmlEncode(pathBase + paths.EventSpecs))
            .Replace("{openapi}", WebUtility.HtmlEncode(pathBase + paths.OpenApi))
            .Replace("{library}", WebUtility.HtmlEncode(pathBase + paths.Libs + "ducts.js"))
            .Replace("{static}", WebUtility.HtmlEncode(pathBase + paths.Static));
        return Encoding.UTF8.GetBytes(page.ToString());
    }

    private static byte[] Resource(string name)
    {
        using var resource = typeof(PageEndpoints).Assembly.GetManifestResourceStream("assets/" + name)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (!files.HasIndex)
        {
            var page = context.Request.PathBase.HasValue ? new ServedContent(Page(paths, context.Request.PathBase.ToString()), Html) : _page.Value;
            return page.WriteAsync(context);
        }

        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Redirect(context.Request.PathBase + paths.Static);
        return Task.CompletedTask;
    }
}
