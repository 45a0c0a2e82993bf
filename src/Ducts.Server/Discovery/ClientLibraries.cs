using System.Collections.Concurrent;
using System.Reflection;
using Ducts.WebApis;

namespace Ducts.Discovery;

/// <summary>The project's browser client, as the build has embedded it.</summary>
internal sealed class ClientLibraries
{
    private const string ScriptName = "ducts.js";

    // Names are prefixes of resources; see eng/clients.targets.
    private const string Prefix = "clients/js/";

    private static readonly Assembly Assembly = typeof(ClientLibraries).Assembly;

    private static readonly HashSet<string> Names =
        [.. from name in Assembly.GetManifestResourceNames()
            where name.StartsWith(Prefix, StringComparison.Ordinal)
            select name[Prefix.Length..]];

    private readonly ConcurrentDictionary<string, ServedContent> _contents = new(StringComparer.Ordinal);

    /// <summary>The client as a classic script.</summary>
    public ReadOnlyMemory<byte> Script => Find(ScriptName) is { } content ? content.Bytes : default;

    /// <summary>The library of a name, or null.</summary>
    public ServedContent? Find(string name) =>
        Names.Contains(name) ? _contents.GetOrAdd(name, static name => new ServedContent(Read(name), ContentTypes.Of(name))) : null;

    private static byte[] Read(string name)
    {
        using var resource = Assembly.GetManifestResourceStream(Prefix + name)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
