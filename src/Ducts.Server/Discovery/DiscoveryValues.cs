using System.Globalization;
using System.Text.Json;
using Ducts.Configuration;

namespace Ducts.Discovery;

/// <summary>The values that discovery templates may name and that no request changes.</summary>
internal sealed class DiscoveryValues
{
    /// <summary>Names whose values a request brings.</summary>
    public static readonly string[] OfRequest = ["ws_host", "ws_scheme", "api_host", "api_scheme", "session_id"];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public DiscoveryValues(ServerOptions options, DuctsPaths paths)
    {
        // Twenty-odd properties, read once: reflection is cheaper here than a list that somebody forgets to extend.
        foreach (var property in typeof(ServerOptions).GetProperties())
            _values[JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)] = Text(property.GetValue(options));

        // Those that end in exactly one slash whatever the configuration has.
        _values["root_path_ducts"] = paths.Root;
        _values["root_path_static"] = paths.Static;
        _values["root_path_websocket"] = paths.WebSocket;
        _values["root_path_api"] = paths.Api;
        _values["root_path_libs"] = paths.Libs;
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public string this[string name] => _values[name];

    private static string Text(object? value) => value switch
    {
        null => "",
        IEnumerable<string> list => string.Join(',', list),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
