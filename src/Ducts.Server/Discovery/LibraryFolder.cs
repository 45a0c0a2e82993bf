using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.Discovery;

/// <summary>The user's libraries: the files below a folder by base name, always as they are on disk.</summary>
/// <remarks>
/// Nothing watches the folder. Each request compares the times of its folders and of the one file with those noted
/// before, which costs some microseconds and is never late. Of two files with one name the one less deep counts, then
/// the one first in order.
/// </remarks>
internal sealed class LibraryFolder(IOptions<DuctsOptions> options, TimeProvider time, ILogger<LibraryFolder> logger)
{
    // A file changed twice within the clock tick of its file system keeps its time. What was noted within this span
    // of the change is therefore not trusted the next time.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    // Larger files are read anew for each request rather than kept.
    private const int MaxKept = 8 * 1024 * 1024;

    private readonly string _folder = Path.GetFullPath(Path.Combine(options.Value.Common.DuctsHome, options.Value.Server.LocalPathLibs));
    private readonly HashSet<string> _extensions = new(options.Value.Server.WebLibFileExtensions, StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, KeptFile> _kept = new(StringComparer.Ordinal);

    // Threading: replaced as a whole; requests that meet may index twice, to the same effect.
    private volatile FolderIndex? _index;

    /// <summary>The library of a base name as it is now, or null.</summary>
    public ServedContent? Find(string name)
    {
        var index = _index;
        if (index is null || !index.IsCurrent())
            _index = index = FolderIndex.Read(_folder, _extensions, time.GetUtcNow().UtcDateTime - Tick);
        return index.Files.TryGetValue(name, out var path) ? Read(path) : null;
    }

    private ServedContent? Read(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var (length, written) = (RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));
            if (_kept.TryGetValue(path, out var kept) && kept.Length == length && kept.Written == written)
                return kept.Content;

            var bytes = new byte[length];
            var read = 0;
            while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), read) is > 0 and var count)
                read += count;
            var content = new ServedContent(read == bytes.Length ? bytes : bytes[..read], LibraryTypes.Of(path));
            if (length <= MaxKept && written < time.GetUtcNow().UtcDateTime - Tick)
                _kept[path] = new KeptFile(length, written, content);
            return content;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.LibraryUnreadable(path, exception.Message);
            return null;
        }
    }

    private sealed record KeptFile(long Length, DateTime Written, ServedContent Content);
}
