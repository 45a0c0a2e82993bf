using System.Buffers;
using System.Net;

namespace Ducts.Configuration;

/// <summary>What a type and a range cannot say: forms of addresses and paths, and options that exclude each other.</summary>
internal static class OptionClashes
{
    private static readonly SearchValues<char> NoPathCharacters = SearchValues.Create("?#{}* \\");

    public static void Find(DuctsOptions options, List<OptionFault> faults)
    {
        Addresses(options, faults);
        ServerPaths(options.Server, faults);
        DiscoveryTemplates(options.WebServiceDiscovery, faults);
        Redis(options.Redis, faults);
        Others(options, faults);
    }

    private static void Addresses(DuctsOptions options, List<OptionFault> faults)
    {
        var server = options.Server;
        if (!IPAddress.TryParse(server.HttpdAddr, out _) && !string.Equals(server.HttpdAddr, "localhost", StringComparison.OrdinalIgnoreCase))
            Add(faults, "ducts.server_config", "httpd_addr", $"\"{server.HttpdAddr}\" is no address: expected an IP address such as 127.0.0.1, localhost, or 0.0.0.0 for all");
        foreach (var network in server.TrustedProxies)
        {
            if (!IPNetwork.TryParse(network, out _) && !IPAddress.TryParse(network, out _))
                Add(faults, "ducts.server_config", "trusted_proxies", $"\"{network}\" is no network: expected an address, or a network such as 10.0.0.0/8");
        }
        if (server.BehindNginx && server.TrustedProxies.Count == 0)
            Add(faults, "ducts.server_config", "behind_nginx", "is true but trusted_proxies is empty, so that no proxy would be believed: name the proxy's network there, or set behind_nginx to false");
        foreach (var origin in options.Auth.AllowedOrigins)
        {
            if (origin != "*" && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.AbsolutePath == "/" && !origin.EndsWith('/') && uri.Query.Length == 0 && uri.Host.Length > 0))
                Add(faults, "ducts.auth_config", "allowed_origins", $"\"{origin}\" is no origin: expected scheme://host or scheme://host:port without a path, or *");
        }
    }

    private static void ServerPaths(ServerOptions server, List<OptionFault> faults)
    {
        const string Section = "ducts.server_config";
        Rooted(faults, "root_path_ducts", server.RootPathDucts);
        Rooted(faults, "root_path_static", server.RootPathStatic);
        Rooted(faults, "root_path_favicon", server.RootPathFavicon);
        if (Trim(server.RootPathDucts) == Trim(server.RootPathStatic))
            Add(faults, Section, "root_path_static", $"\"{server.RootPathStatic}\" is root_path_ducts too: expected two different paths");
        Distinct(faults,
            ("relative_path_libs_dir", server.RelativePathLibsDir),
            ("relative_path_web_service_discovery", server.RelativePathWebServiceDiscovery),
            ("relative_path_web_service_main_jsonp", server.RelativePathWebServiceMainJsonp),
            ("relative_path_api", server.RelativePathApi),
            ("relative_path_websocket", server.RelativePathWebsocket));
        Distinct(faults, ("relative_path_event_spec", server.RelativePathEventSpec));
        Distinct(faults, ("api_path_event", server.ApiPathEvent), ("api_path_event_id", server.ApiPathEventId));
        if (!server.ApiPathEventId.Contains("{event_id}", StringComparison.Ordinal))
            Add(faults, Section, "api_path_event_id", $"\"{server.ApiPathEventId}\" has no place for the id: expected {{event_id}} in it");
        foreach (var extension in server.WebLibFileExtensions)
        {
            if (extension.Length < 2 || extension[0] != '.' || extension.AsSpan().IndexOfAny('/', '\\') >= 0)
                Add(faults, Section, "web_lib_file_extensions", $"\"{extension}\" is no extension: expected a dot and letters, such as .js");
        }
        if (server.JsonpCallbackQuery.Length == 0)
            Add(faults, Section, "jsonp_callback_query", "is empty: expected the name of a query parameter");
        if (!IsDottedIdentifier(server.JsonpCallbackDefault))
            Add(faults, Section, "jsonp_callback_default", $"\"{server.JsonpCallbackDefault}\" is no function: expected a JavaScript name such as callback or app.start");
    }

    private static void DiscoveryTemplates(WebServiceDiscoveryOptions discovery, List<OptionFault> faults)
    {
        string[] names =
        [
            .. OptionCatalog.Find("ducts.server_config")!.Options.Select(static option => option.Name),
            "ws_host", "ws_scheme", "api_host", "api_scheme", "root_path_websocket", "root_path_api", "session_id",
        ];
        var section = OptionCatalog.Find("web_service_discovery")!;
        foreach (var option in section.Options)
        {
            var template = (string)option.Property.GetValue(discovery)!;
            foreach (var name in Placeholders(template))
            {
                if (!names.Contains(name))
                    Add(faults, section.Name, option.Name, $"{{{name}}} is unknown{Spelling.DidYouMean(name, names)}");
            }
        }
        foreach (var (name, template) in new[] { ("websocket_url", discovery.WebsocketUrl), ("websocket_url_reconnect", discovery.WebsocketUrlReconnect) })
        {
            if (!template.Contains("{session_id}", StringComparison.Ordinal))
                Add(faults, section.Name, name, $"\"{template}\" names no session: expected {{session_id}} in it");
        }
    }

    private static void Redis(RedisOptions redis, List<OptionFault> faults)
    {
        const string Section = "ducts.redis_config";
        string[] schemes = ["redis://", "rediss://", "unix://"];
        if (!schemes.Any(scheme => redis.RedisUriMain.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && redis.RedisUriMain.Length > scheme.Length))
            Add(faults, Section, "redis_uri_main", $"\"{redis.RedisUriMain}\" is no Redis URI: expected redis://host:port/db, rediss://host:port/db or unix:///path/to/socket");
        else if (string.Equals(redis.RedisEmbedded, "always", StringComparison.OrdinalIgnoreCase) && redis.RedisUriMain != RedisOptions.DefaultUri)
            Add(faults, Section, "redis_embedded", "is always, so that redis_uri_main would not be used: remove redis_uri_main, or set redis_embedded to never");
    }

    private static void Others(DuctsOptions options, List<OptionFault> faults)
    {
        if (options.WebSocketServer.DivideThreshold > options.WebSocketServer.OutboxLimit)
            Add(faults, "web_socket_server", "divide_threshold", $"{options.WebSocketServer.DivideThreshold} is above outbox_limit, {options.WebSocketServer.OutboxLimit}: one piece has to fit the queue");
        var pattern = options.Event.PluginFilenamePattern;
        if (pattern.Length == 0 || pattern.AsSpan().IndexOfAny('/', '\\') >= 0)
            Add(faults, "ducts.event_config", "plugin_filename_pattern", $"\"{pattern}\" is no pattern of file names: expected one such as evt_*.cs, without folders");
        else if (!pattern.EndsWith(".cs", StringComparison.OrdinalIgnoreCase) && !pattern.EndsWith('*'))
            Add(faults, "ducts.event_config", "plugin_filename_pattern", $"\"{pattern}\" names no C# files: expected a pattern that ends in .cs");
        foreach (var name in Placeholders(options.Common.Pidpath))
        {
            if (name is not ("ducts_home" or "module" or "service"))
                Add(faults, "ducts.common_config", "pidpath", $"{{{name}}} is unknown: expected {{ducts_home}}, {{module}} or {{service}}");
        }
        if (options.Common.DuctsHome != "." && options.Context.DuctsHome != "." && options.Common.DuctsHome != options.Context.DuctsHome)
            Add(faults, "ducts.context_config", "ducts_home", "differs from ducts_home in [ducts.common_config]: set one of them");
        if (options.Log.LogMaxBytes > 0 && options.Log.LogFile.Length == 0)
            Add(faults, "ifconf", "log_max_bytes", "needs log_file, which is not set");
    }

    private static void Rooted(List<OptionFault> faults, string option, string path)
    {
        if (path.Length == 0 || path[0] != '/' || path.AsSpan().IndexOfAny(NoPathCharacters) >= 0)
            Add(faults, "ducts.server_config", option, $"\"{path}\" is no path: expected one that begins with /");
    }

    private static void Distinct(List<OptionFault> faults, params ReadOnlySpan<(string Option, string Path)> paths)
    {
        for (var i = 0; i < paths.Length; i++)
        {
            if (Trim(paths[i].Path).Length == 0)
                Add(faults, "ducts.server_config", paths[i].Option, "is empty: expected a path");
            for (var j = 0; j < i; j++)
            {
                if (Trim(paths[i].Path) == Trim(paths[j].Path))
                    Add(faults, "ducts.server_config", paths[i].Option, $"\"{paths[i].Path}\" is {paths[j].Option} too: expected different paths");
            }
        }
    }

    private static string Trim(string path) => path.Trim('/');

    /// <summary>The names in braces. A brace without its partner is plain text.</summary>
    private static IEnumerable<string> Placeholders(string template)
    {
        for (var open = template.IndexOf('{', StringComparison.Ordinal); open >= 0; open = template.IndexOf('{', open + 1))
        {
            var close = template.IndexOf('}', open);
            if (close < 0)
                yield break;
            yield return template[(open + 1)..close];
        }
    }

    private static bool IsDottedIdentifier(string name)
    {
        foreach (var part in name.Split('.'))
        {
            if (part.Length == 0 || char.IsAsciiDigit(part[0]) || part.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '$')))
                return false;
        }
        return true;
    }

    private static void Add(List<OptionFault> faults, string section, string option, string message) =>
        faults.Add(new OptionFault(section, option, message));
}
