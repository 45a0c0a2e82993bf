using System.Buffers;
using Ducts.Redis;

namespace Ducts.Configuration;

/// <summary>Finds what a type and a range cannot say: forms of addresses and paths, and options that exclude each other.</summary>
internal static class OptionClashes
{
    private const string Server = "ducts.server_config";
    private const string Redis = "ducts.redis_config";
    private const string Event = "ducts.event_config";
    private const string Auth = "ducts.auth_config";

    /// <summary>Commands that reach keys which are not among their arguments.</summary>
    private static readonly HashSet<string> HidingKeys = new(StringComparer.OrdinalIgnoreCase)
    {
        "EVAL", "EVAL_RO", "EVALSHA", "EVALSHA_RO", "FCALL", "FCALL_RO", "SORT", "SORT_RO",
    };

    private const int MinMemoryLimit = 16 * 1024 * 1024;

    private static readonly SearchValues<char> ExtensionCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    public static void Find(DuctsOptions options, List<OptionFault> faults)
    {
        AddressFaults.Find(options, faults);
        AuthFaults.Find(options.Auth, faults);
        PathFaults.Find(options.Server, faults);
        FindInServer(options.Server, faults);
        FindInTemplates(options, faults);
        FindInRedis(options.Redis, faults);
        ClusterFaults.Find(options, faults);
        FindInOthers(options, faults);
    }

    private static void FindInServer(DuctsServerOptions server, List<OptionFault> faults)
    {
        foreach (var extension in server.WebLibFileExtensions)
        {
            // A file's extension begins at its last dot.
            if (extension.Length < 2 || extension.LastIndexOf('.') != 0 || extension.AsSpan(1).ContainsAnyExcept(ExtensionCharacters))
            {
                Add(faults, Server, "web_lib_file_extensions", $"\"{extension}\" is no extension: expected a dot and letters, such as .js");
            }
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
            else if (FindFaultOfUrl(option.Name, template) is { } expected)
                Add(faults, section.Name, option.Name, $"\"{text}\" is no address: {expected}");
        }
        foreach (var part in options.Common.Pidpath.Split('{').Skip(1))
        {
            // A brace without its partner is plain text in a path.
            var end = part.IndexOf('}', StringComparison.Ordinal);
            if (end >= 0 && part[..end] is not ("ducts_home" or "module" or "service"))
                Add(faults, "ducts.common_config", "pidpath", $"{{{part[..end]}}} is unknown: expected {{ducts_home}}, {{module}} or {{service}}");
        }
    }

    /// <summary>Returns what an address should be that clients could not use; they are given the values of a request here.</summary>
    private static string? FindFaultOfUrl(string option, DiscoveryTemplate template)
    {
        string[]? schemes = option.StartsWith("websocket_url", StringComparison.Ordinal) ? ["ws", "wss"] : option.StartsWith("api_url", StringComparison.Ordinal) ? ["http", "https"] : null;
        var url = template.Fill(0, static (_, name) => name switch
        {
            "ws_scheme" => "ws",
            "api_scheme" => "http",
            "root_path_websocket" or "root_path_api" or "root_path_ducts" or "root_path_static" or "root_path_libs" => "/",
            "httpd_port" => "80",
            _ => "x",
        });
        return schemes is null || (Uri.TryCreate(url, UriKind.Absolute, out var parsed) && schemes.Contains(parsed.Scheme) && parsed.Host.Length > 0)
            ? null
            : $"expected one that begins with {schemes[0]}://, {schemes[1]}:// or {{{(schemes[0] == "ws" ? "ws_scheme" : "api_scheme")}}}://";
    }

    private static void FindInRedis(DuctsRedisOptions redis, List<OptionFault> faults)
    {
        string[] schemes = ["redis://", "rediss://", "unix://"];
        if (!schemes.Any(scheme => redis.RedisUriMain.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && redis.RedisUriMain.Length > scheme.Length))
            Add(faults, Redis, "redis_uri_main", $"\"{redis.RedisUriMain}\" is no Redis URI: expected redis://host:port/db, rediss://host:port/db or unix:///path/to/socket");
        else if (!RedisUri.TryParse(redis.RedisUriMain, out _, out var problem))
            Add(faults, Redis, "redis_uri_main", $"is no Redis URI: {problem}");
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
        foreach (var command in options.Event.RedisExecuteCommands.Where(static command => command.Any(char.IsWhiteSpace)))
        {
            Add(faults, Event, "redis_execute_commands", $"\"{command}\" is no command: expected its first word, such as GET");
        }

        if (options.Event.RedisExecuteKeys.Count > 0 && options.Event.RedisExecuteCommands.Find(static command => HidingKeys.Contains(command)) is { } hiding)
        {
            Add(faults, Event, "redis_execute_keys", $"cannot limit {hiding}, which uses keys that it does not name: remove it from redis_execute_commands");
        }

        foreach (var (option, key) in new[] { ("stream_key_for_session_opened", options.Auth.StreamKeyForSessionOpened), ("stream_key_for_session_closed", options.Auth.StreamKeyForSessionClosed) })
        {
            if (string.IsNullOrWhiteSpace(key))
            {
                Add(faults, Auth, option, "is empty: expected the key of a Redis stream");
            }
        }

        if (options.Auth.StreamKeyForSessionOpened == options.Auth.StreamKeyForSessionClosed)
        {
            Add(faults, Auth, "stream_key_for_session_closed", $"\"{options.Auth.StreamKeyForSessionClosed}\" is stream_key_for_session_opened too: expected two different keys");
        }

        if (options.Common.DuctsHome != "." && options.Context.DuctsHome != "." && options.Common.DuctsHome != options.Context.DuctsHome)
            Add(faults, "ducts.context_config", "ducts_home", "differs from ducts_home in [ducts.common_config]: set one of them");
        if (options.Tls.Key.Length > 0 && options.Tls.Certificate.Length == 0)
        {
            Add(faults, "ducts.tls_config", "key", "needs certificate, which is not set");
        }

        if (options.Log.LogMaxBytes > 0 && options.Log.LogFile.Length == 0)
            Add(faults, "ifconf", "log_max_bytes", "needs log_file, which is not set");
    }

    private static void Add(List<OptionFault> faults, string section, string option, string message) =>
        faults.Add(new OptionFault(section, option, message));
}
