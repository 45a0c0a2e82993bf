using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;
using Microsoft.Extensions.Primitives;

namespace Ducts.Discovery;

/// <summary>
/// A folder that is served. It may come into being later; what begins with a dot, at any depth, is not there, and
/// nothing outside is reached.
/// </summary>
internal sealed class StaticFolder(string path) : IFileProvider, IDisposable
{
    private PhysicalFileProvider? _files;

    public IFileInfo GetFileInfo(string subpath) =>
        IsServed(subpath) && Files() is { } files ? files.GetFileInfo(subpath) : new NotFoundFileInfo(subpath);

    public IDirectoryContents GetDirectoryContents(string subpath) =>
        IsServed(subpath) && Files() is { } files ? files.GetDirectoryContents(subpath) : NotFoundDirectoryContents.Singleton;

    public IChangeToken Watch(string filter) => NullChangeToken.Singleton;

    public void Dispose() => _files?.Dispose();

    private static bool IsServed(string subpath)
    {
        var rest = subpath.AsSpan();
        if (rest.ContainsAny('\\', '\0'))
            return false;
        foreach (var range in rest.Split('/'))
        {
            // Covers '.' and '..' too.
            if (rest[range].StartsWith('.'))
                return false;
        }

        return true;
    }

    private PhysicalFileProvider? Files()
    {
        if (Volatile.Read(ref _files) is { } files)
            return files;
        if (!Directory.Exists(path))
            return null;
        var made = new PhysicalFileProvider(path, ExclusionFilters.Sensitive);
        if (Interlocked.CompareExchange(ref _files, made, null) is not { } other)
            return made;
        made.Dispose();
        return other;
    }
}
