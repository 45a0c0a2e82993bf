using System.Buffers;

namespace Ducts.Configuration;

/// <summary>Finds paths that nothing can be served at: malformed ones, and those that something else is served at.</summary>
internal static class PathFaults
{
    private const string Server = "ducts.server_config";
    private const string EventId = "{event_id}";
    private const string AnyName = "{}";

    // The first four have a meaning in addresses or routes; an escape would be compared with what it stands for.
    private static readonly SearchValues<char> NoPathCharacters = SearchValues.Create("?#{}*%\\ \t\r\n\0");

    public static void Find(DuctsServerOptions server, List<OptionFault> faults)
    {
        var before = faults.Count;
        FindMalformed(server, faults);
        if (Same(server.RootPathDucts, server.RootPathStatic))
        {
            Add(faults, "root_path_static", $"\"{server.RootPathStatic}\" is root_path_ducts too: expected two different paths");
        }

        FindEqual(
            faults,
            ("relative_path_libs_dir", server.RelativePathLibsDir),
            ("relative_path_web_service_discovery", server.RelativePathWebServiceDiscovery),
            ("relative_path_web_service_main_jsonp", server.RelativePathWebServiceMainJsonp),
            ("relative_path_api", server.RelativePathApi),
            ("relative_path_websocket", server.RelativePathWebsocket));
        FindEqual(faults, ("api_path_event", server.ApiPathEvent), ("api_path_event_id", server.ApiPathEventId));
        if (faults.Count == before)
        {
            FindTaken(new DuctsPaths(server), faults);
        }
    }

    private static void FindMalformed(DuctsServerOptions server, List<OptionFault> faults)
    {
        foreach (var (option, path) in new[] { ("root_path_ducts", server.RootPathDucts), ("root_path_static", server.RootPathStatic), ("root_path_favicon", server.RootPathFavicon) })
        {
            if (path.Length == 0 || path[0] != '/' || !IsPath(path))
            {
                Add(faults, option, $"\"{path}\" is no path: expected one that begins with /, without escapes, spaces, empty parts, . and ..");
            }
        }

        if (server.ApiPathEventId.Split(EventId).Length != 2)
        {
            Add(faults, "api_path_event_id", $"\"{server.ApiPathEventId}\" has no place for the id: expected {{event_id}} in it, once");
        }

        foreach (var (option, path) in new[]
        {
            ("relative_path_libs_dir", server.RelativePathLibsDir),
            ("relative_path_web_service_discovery", server.RelativePathWebServiceDiscovery),
            ("relative_path_web_service_main_jsonp", server.RelativePathWebServiceMainJsonp),
            ("relative_path_api", server.RelativePathApi),
            ("relative_path_websocket", server.RelativePathWebsocket),
            ("relative_path_event_spec", server.RelativePathEventSpec),
            ("api_path_event", server.ApiPathEvent),
            ("api_path_event_id", server.ApiPathEventId.Replace(EventId, "1", StringComparison.Ordinal)),
        })
        {
            if (path.Trim('/').Length == 0)
            {
                Add(faults, option, "is empty: expected a path");
            }
            else if (!IsPath(path))
            {
                Add(faults, option, $"\"{path}\" is no path: expected one such as a/b, without escapes, spaces, empty parts, . and ..");
            }
        }
    }

    /// <summary>Finds paths that are equal once they are put together; routing would find two answers to one request, or never the second.</summary>
    private static void FindTaken(DuctsPaths paths, List<OptionFault> faults)
    {
        var taken = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["/"] = "the start page",
            ["/healthz"] = "the health check",
            ["/readyz"] = "the health check",
            [paths.OpenApi] = "the OpenAPI document",
        };
        // Whoever set one path wants to know of that one, not of the default that it meets.
        var usual = Served(new DuctsPaths(new DuctsServerOptions())).ToHashSet();
        foreach (var (option, path) in Served(paths).OrderByDescending(usual.Contains))
        {
            if (!taken.TryAdd(path, option))
            {
                Add(faults, option, $"{path.Replace(AnyName, "…", StringComparison.Ordinal)} is the path of {taken[path]} too: expected different paths");
            }
        }
    }

    private static (string Option, string Path)[] Served(DuctsPaths paths) =>
    [
        ("relative_path_web_service_discovery", paths.ServiceDiscovery),
        ("relative_path_web_service_main_jsonp", paths.ServiceDiscoveryJsonp),
        ("relative_path_libs_dir", paths.Libs + AnyName),
        ("relative_path_event_spec", paths.EventSpecs),
        ("relative_path_websocket", paths.WebSocket + AnyName),
        ("api_path_event", paths.EventIds),
        ("api_path_event_id", paths.EventSpec.Replace(EventId, AnyName, StringComparison.Ordinal)),
        ("root_path_favicon", paths.Favicon),
    ];

    private static void FindEqual(List<OptionFault> faults, params ReadOnlySpan<(string Option, string Path)> paths)
    {
        for (var i = 0; i < paths.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (Same(paths[i].Path, paths[j].Path))
                {
                    Add(faults, paths[i].Option, $"\"{paths[i].Path}\" is {paths[j].Option} too: expected different paths");
                }
            }
        }
    }

    private static bool IsPath(string path)
    {
        if (path.AsSpan().ContainsAny(NoPathCharacters))
        {
            return false;
        }

        var trimmed = path.Trim('/');
        return trimmed.Length == 0 || trimmed.Split('/').All(static part => part is not ("" or "." or ".."));
    }

    // Routing does not tell them apart.
    private static bool Same(string one, string other) => string.Equals(one.Trim('/'), other.Trim('/'), StringComparison.OrdinalIgnoreCase);

    private static void Add(List<OptionFault> faults, string option, string message) => faults.Add(new OptionFault(Server, option, message));
}
