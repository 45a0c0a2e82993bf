using System.Collections.Concurrent;
using System.IO.Enumeration;
using Ducts.Configuration;
using Ducts.WebApis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.Discovery;

/// <summary>
/// The user's libraries: the files below a folder by base name, read for each request, so that an edit shows at once.
/// Of two files with one name the one less deep counts, then the one first in order. A link out of the folder is not there, nor is what is no regular file.
/// </summary>
internal sealed class LibraryFolder(IOptions<DuctsOptions> options, ILogger<LibraryFolder> logger)
{
    // What a larger file looks like compressed is not kept.
    private const int MaxKept = 8 * 1024 * 1024;

    private static readonly EnumerationOptions Reachable = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = 0 };

    private readonly string _folder = options.Value.GetFullPath(options.Value.Server.LocalPathLibs);
    private readonly HashSet<string> _extensions = new(options.Value.Server.WebLibFileExtensions, StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ServedContent> _kept = new(StringComparer.Ordinal);

    /// <summary>Returns the library of a base name as it is now, or null.</summary>
    public ServedContent? Find(string name)
    {
        if (name.StartsWith('.') || !_extensions.Contains(Path.GetExtension(name)) || !Directory.Exists(_folder))
        {
            return null;
        }

        try
        {
            // A link to a folder may lead in a circle.
            var found = new FileSystemEnumerable<string>(_folder, static (ref entry) => entry.ToFullPath(), Reachable)
            {
                ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && entry.FileName.SequenceEqual(name),
                ShouldRecursePredicate = static (ref entry) => !entry.FileName.StartsWith('.') && !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
            };
            return found.Where(IsServed).OrderBy(static path => path.Count(static c => c == Path.DirectorySeparatorChar)).ThenBy(static path => path, StringComparer.Ordinal).FirstOrDefault() is { } path
                ? Read(path)
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.LibraryUnreadable(name, exception.Message);
            return null;
        }
    }

    private ServedContent Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var (brotli, gzip) = (ReadVariant(path, ContentCoding.Brotli), ReadVariant(path, ContentCoding.Gzip));
        if (brotli is not null || gzip is not null)
        {
            return new ServedContent(bytes, ContentTypes.Of(path), brotli, gzip);
        }

        if (_kept.TryGetValue(path, out var kept) && kept.Has(bytes))
        {
            return kept;
        }

        var content = new ServedContent(bytes, ContentTypes.Of(path));
        if (bytes.Length <= MaxKept)
        {
            _kept[path] = content;
        }

        return content;
    }

    private byte[]? ReadVariant(string path, ContentCoding coding) =>
        File.Exists(path + coding.Extension) && IsServed(path + coding.Extension) && ContentCoding.IsCurrent(Written(path + coding.Extension), Written(path))
            ? File.ReadAllBytes(path + coding.Extension)
            : null;

    private bool IsServed(string path) => LinkGuard.IsInside(_folder, path) && RegularFile.Is(path);

    private static DateTimeOffset Written(string path) => new(File.GetLastWriteTimeUtc(path));
}
