using System.Globalization;
using System.Text.Json;
using Ducts.Configuration;

namespace Ducts.Discovery;

/// <summary>The values that discovery templates may name and that no request changes.</summary>
internal sealed class DiscoveryValues
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public DiscoveryValues(DuctsServerOptions options, DuctsPaths paths)
    {
        foreach (var option in OptionCatalog.Of<DuctsServerOptions>().Options)
            _values[option.Name] = Text(option.Property.GetValue(options));

        // Those that end in exactly one slash whatever the configuration has.
        _values["root_path_ducts"] = paths.Root;
        _values["root_path_static"] = paths.Static;
        _values["root_path_websocket"] = paths.WebSocket;
        _values["root_path_api"] = paths.Api;
        _values["root_path_libs"] = paths.Libs;
    }

    public string this[string name] => _values[name];

    private static string Text(object? value) => value switch
    {
        null => "",
        IEnumerable<string> list => string.Join(',', list),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
