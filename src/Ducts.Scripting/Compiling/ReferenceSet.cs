using Microsoft.CodeAnalysis;

namespace Ducts.Scripting.Compiling;

/// <summary>The metadata that handlers are compiled against, opened once and kept for the next compilation.</summary>
// Threading: used by one compilation at a time.
internal sealed class ReferenceSet : IDisposable
{
    private readonly Dictionary<string, MappedReference?> _open = new(StringComparer.Ordinal);

    /// <summary>The platform's assemblies and those given; of two with one name the given one, as the loader has it.</summary>
    public IReadOnlyList<MetadataReference> Get(IReadOnlyList<string> extra)
    {
        var named = extra.ToDictionary(static path => Path.GetFileNameWithoutExtension(path), StringComparer.OrdinalIgnoreCase);
        var paths = PlatformAssemblies.Paths
            .Where(path => !named.ContainsKey(Path.GetFileNameWithoutExtension(path)))
            .Concat(extra)
            .ToArray();
        foreach (var path in _open.Keys.Except(paths).ToArray())
        {
            _open[path]?.Dispose();
            _open.Remove(path);
        }

        var missing = paths.Where(path => !_open.ContainsKey(path)).ToArray();
        foreach (var (path, reference) in missing.AsParallel().Select(static path => (path, MappedReference.TryOpen(path))))
        {
            _open[path] = reference;
        }

        return paths.Select(path => _open[path]?.Reference).OfType<MetadataReference>().ToArray();
    }

    public void Dispose()
    {
        foreach (var reference in _open.Values)
        {
            reference?.Dispose();
        }

        _open.Clear();
    }
}
