using System.Collections;
using Ducts.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;
using Microsoft.Extensions.Primitives;

namespace Ducts.Discovery;

/// <summary>
/// A folder that is served. It may come into being later; what begins with a dot, at any depth, is not there, nor is a pipe, a
/// socket or a device, and nothing outside is reached, by a link in it either.
/// </summary>
internal sealed class StaticFolder(string path) : IFileProvider, IDisposable
{
    // Windows finds devices by these names in any folder, with any extension.
    private static readonly string[] Devices =
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", .. from port in (string[])["COM", "LPT"] from digit in "0123456789¹²³" select port + digit];

    private PhysicalFileProvider? _files;

    /// <summary>Returns the file of a path; a path that ends in a slash is a folder's.</summary>
    public IFileInfo GetFileInfo(string subpath) =>
        IsServed(subpath) && !subpath.EndsWith('/') && Files() is { } files && files.GetFileInfo(subpath) is { Exists: true, PhysicalPath: { } path } file && LinkGuard.Follow(files.Root, path) is { } real && RegularFile.Is(real)
            // A link's own length is not that of the file.
            ? real == path ? file : new PhysicalFileInfo(new FileInfo(real))
            : new NotFoundFileInfo(subpath);

    public IDirectoryContents GetDirectoryContents(string subpath) =>
        IsServed(subpath) && Files() is { } files && LinkGuard.IsInside(files.Root, Path.Combine(files.Root, subpath.Trim('/')))
            ? new ServedContents(files, files.GetDirectoryContents(subpath))
            : NotFoundDirectoryContents.Singleton;

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
            if (rest[range].StartsWith('.') || (OperatingSystem.IsWindows() && IsOfWindows(rest[range])))
                return false;
        }

        return true;
    }

    /// <summary>Returns whether Windows takes a name for a device or a stream of a file, or for another name.</summary>
    private static bool IsOfWindows(ReadOnlySpan<char> name)
    {
        if (name.Contains(':') || name.EndsWith('.') || name.EndsWith(' '))
        {
            return true;
        }

        var dot = name.IndexOf('.');
        var stem = (dot < 0 ? name : name[..dot]).TrimEnd().ToString();
        return Devices.Contains(stem, StringComparer.OrdinalIgnoreCase);
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

    /// <summary>What of a folder's contents is served.</summary>
    private sealed class ServedContents(PhysicalFileProvider files, IDirectoryContents contents) : IDirectoryContents
    {
        public bool Exists => contents.Exists;

        public IEnumerator<IFileInfo> GetEnumerator() => contents.Where(file => IsServed(file.Name) && file.PhysicalPath is { } physical && LinkGuard.IsInside(files.Root, physical) && (file.IsDirectory || RegularFile.Is(physical))).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
