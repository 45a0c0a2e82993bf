using System.Collections.Concurrent;
using System.Reflection;
using Ducts.Configuration;
using Ducts.WebApis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Ducts.Discovery;

/// <summary>Serves the user's libraries, and the project's browser client, as the build has embedded it, where the user has none of that name.</summary>
internal sealed class Libraries(DuctsPaths paths, LibraryFolder folder)
{
    // Names are prefixes of resources; see eng/clients.targets.
    private const string Prefix = "clients/js/";

    private static readonly Assembly Assembly = typeof(Libraries).Assembly;

    private readonly ConcurrentDictionary<string, ServedContent?> _clients = new(
        from resource in Assembly.GetManifestResourceNames()
        where resource.StartsWith(Prefix, StringComparison.Ordinal)
        select KeyValuePair.Create(resource[Prefix.Length..], (ServedContent?)null),
        StringComparer.Ordinal);

    /// <summary>Gets the client as a classic script: the user's own if there is one.</summary>
    public ReadOnlyMemory<byte> Script => Find("ducts.js") is { } content ? content.Bytes : default;

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods(paths.Libs + "{file}", HttpAnswer.GetAndHead, AnswerAsync).WithDisplayName("Ducts libraries");

    private Task AnswerAsync(HttpContext context)
    {
        // A name is compared with base names and never put into a path, so it cannot lead anywhere else.
        var name = (string)context.Request.RouteValues["file"]!;
        return Find(name) is { } content
            ? content.WriteAsync(context)
            : HttpAnswer.WriteErrorAsync(context, StatusCodes.Status404NotFound, "no such library");
    }

    private ServedContent? Find(string name) => folder.Find(name) ?? FindClient(name);

    private ServedContent? FindClient(string name)
    {
        if (!_clients.TryGetValue(name, out var content) || content is not null)
        {
            return content;
        }

        using var resource = Assembly.GetManifestResourceStream(Prefix + name)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return _clients[name] = new ServedContent(bytes, ContentTypes.Of(name));
    }
}
