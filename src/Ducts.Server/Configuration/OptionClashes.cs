using System.Buffers;
using System.Net;

namespace Ducts.Configuration;

/// <summary>Finds what a type and a range cannot say: forms of addresses and paths, and options that exclude each other.</summary>
internal static class OptionClashes
{
    private const string Server = "ducts.server_config";
    private const string Redis = "ducts.redis_config";
    private const string Event = "ducts.event_config";

    private const int MinMemoryLimit = 16 * 1024 * 1024;

    private static readonly SearchValues<char> NoPathCharacters = SearchValues.Create("?#{}* \\");

    public static void Find(DuctsOptions options, List<OptionFault> faults)
    {
        FindInAddresses(options, faults);
        FindInPaths(options.Server, faults);
        FindInTemplates(options, faults);
        FindInRedis(options.Redis, faults);
        FindInOthers(options, faults);
    }

    private static void FindInAddresses(DuctsOptions options, List<OptionFault> faults)
    {
        var server = options.Server;
        if (!IPAddress.TryParse(server.HttpdAddr, out _) && !string.Equals(server.HttpdAddr, "localhost", StringComparison.OrdinalIgnoreCase))
            Add(faults, Server, "httpd_addr", $"\"{server.HttpdAddr}\" is no address: expected an IP address such as 127.0.0.1, localhost, or 0.0.0.0 for all");
        foreach (var problem in ProxyNetwork.FindFaults(server.TrustedProxies))
            Add(faults, Server, "trusted_proxies", problem);
        if (server.BehindNginx && server.TrustedProxies.Count == 0)
            Add(faults, Server, "behind_nginx", "is true but trusted_proxies is empty, so that no proxy would be believed: name the proxy's network there, or set behind_nginx to false");
        foreach (var origin in options.Auth.AllowedOrigins)
        {
            if (origin != "*" && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.AbsolutePath == "/" && !origin.EndsWith('/') && uri.Query.Length == 0 && uri.Host.Length > 0))
                Add(faults, "ducts.auth_config", "allowed_origins", $"\"{origin}\" is no origin: expected scheme://host or scheme://host:port without a path, or *");
        }
    }

    private static void FindInPaths(DuctsServerOptions server, List<OptionFault> faults)
    {
        FindUnrooted(faults, ("root_path_ducts", server.RootPathDucts), ("root_path_static", server.RootPathStatic), ("root_path_favicon", server.RootPathFavicon));
        if (Trim(server.RootPathDucts) == Trim(server.RootPathStatic))
            Add(faults, Server, "root_path_static", $"\"{server.RootPathStatic}\" is root_path_ducts too: expected two different paths");
        FindEmptyOrEqual(
            faults,
            ("relative_path_libs_dir", server.RelativePathLibsDir),
            ("relative_path_web_service_discovery", server.RelativePathWebServiceDiscovery),
            ("relative_path_web_service_main_jsonp", server.RelativePathWebServiceMainJsonp),
            ("relative_path_api", server.RelativePathApi),
            ("relative_path_websocket", server.RelativePathWebsocket));
        FindEmptyOrEqual(faults, ("relative_path_event_spec", server.RelativePathEventSpec));
        FindEmptyOrEqual(faults, ("api_path_event", server.ApiPathEvent), ("api_path_event_id", server.ApiPathEventId));
        if (!server.ApiPathEventId.Contains("{event_id}", StringComparison.Ordinal))
            Add(faults, Server, "api_path_event_id", $"\"{server.ApiPathEventId}\" has no place for the id: expected {{event_id}} in it");
        foreach (var extension in server.WebLibFileExtensions)
        {
            if (extension.Length < 2 || extension[0] != '.' || extension.AsSpan().IndexOfAny('/', '\\') >= 0)
                Add(faults, Server, "web_lib_file_extensions", $"\"{extension}\" is no extension: expected a dot and letters, such as .js");
        }
        if (server.JsonpCallbackQuery.Length == 0)
            Add(faults, Server, "jsonp_callback_query", "is empty: expected the name of a query parameter");
        if (!JsonpCallback.IsValid(server.JsonpCallbackDefault))
            Add(faults, Server, "jsonp_callback_default", $"\"{server.JsonpCallbackDefault}\" is no function: expected a JavaScript name such as callback or app.start");
    }

    private static void FindInTemplates(DuctsOptions options, List<OptionFault> faults)
    {
        var section = OptionCatalog.Of<DuctsDiscoveryOptions>();
        foreach (var option in section.Options)
        {
            var text = (string)option.Property.GetValue(options.WebServiceDiscovery)!;
            if (!DiscoveryTemplate.TryParse(text, out var template, out var problem))
                Add(faults, section.Name, option.Name, problem);
            else if (option.Name.StartsWith("websocket_url", StringComparison.Ordinal) && !template.Names.Contains("session_id"))
                Add(faults, section.Name, option.Name, $"\"{text}\" names no session: expected {{session_id}} in it");
        }
        foreach (var part in options.Common.Pidpath.Split('{').Skip(1))
        {
            // A brace without its partner is plain text in a path.
            var end = part.IndexOf('}', StringComparison.Ordinal);
            if (end >= 0 && part[..end] is not ("ducts_home" or "module" or "service"))
                Add(faults, "ducts.common_config", "pidpath", $"{{{part[..end]}}} is unknown: expected {{ducts_home}}, {{module}} or {{service}}");
        }
    }

    private static void FindInRedis(DuctsRedisOptions redis, List<OptionFault> faults)
    {
        string[] schemes = ["redis://", "rediss://", "unix://"];
        if (!schemes.Any(scheme => redis.RedisUriMain.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && redis.RedisUriMain.Length > scheme.Length))
            Add(faults, Redis, "redis_uri_main", $"\"{redis.RedisUriMain}\" is no Redis URI: expected redis://host:port/db, rediss://host:port/db or unix:///path/to/socket");
        else if (redis.RedisEmbedded == EmbeddedRedisMode.Always && redis.RedisUriMain != DuctsRedisOptions.DefaultUri)
            Add(faults, Redis, "redis_embedded", "is always, so that redis_uri_main would not be used: remove redis_uri_main, or set redis_embedded to never");
    }

    private static void FindInOthers(DuctsOptions options, List<OptionFault> faults)
    {
        var socket = options.WebSocketServer;
        if (socket.DivideThreshold > socket.OutboxLimit)
            Add(faults, "web_socket_server", "divide_threshold", $"{socket.DivideThreshold} is above outbox_limit, {socket.OutboxLimit}: one piece has to fit the queue");
        if (socket.MemoryLimit is > 0 and < MinMemoryLimit)
            Add(faults, "web_socket_server", "memory_limit", $"{socket.MemoryLimit} is too little for a few messages: expected at least {MinMemoryLimit} bytes, or 0 for half of the memory that there is");
        var pattern = options.Event.PluginFilenamePattern;
        if (pattern.Length == 0 || pattern.AsSpan().IndexOfAny('/', '\\') >= 0)
            Add(faults, Event, "plugin_filename_pattern", $"\"{pattern}\" is no pattern of file names: expected one such as evt_*.cs, without folders");
        else if (!pattern.EndsWith(".cs", StringComparison.OrdinalIgnoreCase) && !pattern.EndsWith('*'))
            Add(faults, Event, "plugin_filename_pattern", $"\"{pattern}\" names no C# files: expected a pattern that ends in .cs");
        if (options.Common.DuctsHome != "." && options.Context.DuctsHome != "." && options.Common.DuctsHome != options.Context.DuctsHome)
            Add(faults, "ducts.context_config", "ducts_home", "differs from ducts_home in [ducts.common_config]: set one of them");
        if (options.Log.LogMaxBytes > 0 && options.Log.LogFile.Length == 0)
            Add(faults, "ifconf", "log_max_bytes", "needs log_file, which is not set");
    }

    private static void FindUnrooted(List<OptionFault> faults, params ReadOnlySpan<(string Option, string Path)> paths)
    {
        foreach (var (option, path) in paths)
        {
            if (path.Length == 0 || path[0] != '/' || path.AsSpan().IndexOfAny(NoPathCharacters) >= 0)
                Add(faults, Server, option, $"\"{path}\" is no path: expected one that begins with /");
        }
    }

    private static void FindEmptyOrEqual(List<OptionFault> faults, params ReadOnlySpan<(string Option, string Path)> paths)
    {
        for (var i = 0; i < paths.Length; i++)
        {
            if (Trim(paths[i].Path).Length == 0)
                Add(faults, Server, paths[i].Option, "is empty: expected a path");
            for (var j = 0; j < i; j++)
            {
                if (Trim(paths[i].Path) == Trim(paths[j].Path))
                    Add(faults, Server, paths[i].Option, $"\"{paths[i].Path}\" is {paths[j].Option} too: expected different paths");
            }
        }
    }

    private static string Trim(string path) => path.Trim('/');

    private static void Add(List<OptionFault> faults, string section, string option, string message) =>
        faults.Add(new OptionFault(section, option, message));
}
