namespace Ducts.Discovery;

/// <summary>The files below a folder by base name, with what tells whether that is still so.</summary>
internal sealed class FolderIndex
{
    private readonly List<(string Path, DateTime Written)> _folders = [];
    private readonly bool _isTrusted;

    private FolderIndex(string root, HashSet<string> extensions, DateTime trustedBefore)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        _isTrusted = true;
        // Breadth first, so that the file less deep comes first.
        var waiting = new Queue<string>([root]);
        while (waiting.TryDequeue(out var folder))
        {
            // Read before what it holds: a change during the reading then shows the next time.
            var written = Directory.GetLastWriteTimeUtc(folder);
            _folders.Add((folder, written));
            _isTrusted &= written < trustedBefore;
            foreach (var entry in Entries(folder))
            {
                if (entry.Name.StartsWith('.'))
                    continue;
                if (entry is FileInfo && extensions.Contains(entry.Extension))
                    files.TryAdd(entry.Name, entry.FullName);
                // A link to a folder may lead in a circle.
                else if (entry is DirectoryInfo { LinkTarget: null })
                    waiting.Enqueue(entry.FullName);
            }
        }

        Files = files;
    }

    /// <summary>Paths by base name.</summary>
    public IReadOnlyDictionary<string, string> Files { get; }

    public static FolderIndex Read(string root, HashSet<string> extensions, DateTime trustedBefore) => new(root, extensions, trustedBefore);

    /// <summary>Whether no file has come or gone since: that changes the time of its folder.</summary>
    public bool IsCurrent()
    {
        if (!_isTrusted)
            return false;
        foreach (var (path, written) in _folders)
        {
            if (Directory.GetLastWriteTimeUtc(path) != written)
                return false;
        }

        return true;
    }

    private static List<FileSystemInfo> Entries(string folder)
    {
        try
        {
            var entries = new DirectoryInfo(folder).EnumerateFileSystemInfos().ToList();
            entries.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
            return entries;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // No such folder, or none we may read: then it holds no libraries.
            return [];
        }
    }
}
