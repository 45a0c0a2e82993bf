using System.Buffers.Binary;
using System.IO.Enumeration;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Ducts.Handlers;

namespace Ducts.Scripting.Files;

/// <summary>The C# files of a folder and its subfolders.</summary>
internal sealed class SourceFolder
{
    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.System,
    };

    private readonly Func<string, bool> _isRoot;

    /// <param name="path">The folder; need not exist.</param>
    /// <param name="isRoot">Which files, by name, bring a class of their own.</param>
    public SourceFolder(string path, Func<string, bool> isRoot)
    {
        Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        _isRoot = isRoot;
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Whether the folder's <see cref="StartupFile"/> is left out.</summary>
    public bool LeavesOutStartup { get; init; }

    /// <summary>Makes a test for file names out of a pattern with <c>*</c> and <c>?</c>.</summary>
    public static Func<string, bool> ByPattern(string pattern) => name =>
        FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: OperatingSystem.IsWindows());

    /// <summary>Reads the files, sorted by path, so that the same folder always gives the same order.</summary>
    /// <param name="problems">Gets an entry per file that cannot be read.</param>
    public IReadOnlyList<SourceFile> Read(ICollection<HandlerProblem> problems)
    {
        var files = new List<SourceFile>();
        foreach (var entry in List())
        {
            try
            {
                files.Add(SourceFile.Read(entry.Path, _isRoot(System.IO.Path.GetFileName(entry.Path))));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                problems.Add(new HandlerProblem(entry.Path, 0, 0, $"the file cannot be read: {exception.Message}"));
            }
        }

        return files;
    }

    /// <summary>
    /// A value that changes when a file comes or goes, or its content does: copies with their times, and file systems that
    /// count whole seconds, change a file without changing its size or its time.
    /// </summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> numbers = stackalloc byte[16];
        foreach (var entry in List())
        {
            hash.AppendData(MemoryMarshal.AsBytes(entry.Path.AsSpan()));
            BinaryPrimitives.WriteInt64LittleEndian(numbers, entry.Length);
            // Of a file that cannot be read, its time has to do.
            BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], ContentHash.TryAppend(hash, entry.Path) ? 0 : entry.WrittenTicks);
            hash.AppendData(numbers);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private List<Entry> List()
    {
        if (!Directory.Exists(Path))
        {
            return [];
        }

        var files = new FileSystemEnumerable<Entry>(Path, static (ref FileSystemEntry entry) => Entry.Of(ref entry), Everything)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) =>
                !entry.IsDirectory && entry.FileName[0] != '.' && entry.FileName.EndsWith(".cs", StringComparison.OrdinalIgnoreCase),
            ShouldRecursePredicate = static (ref FileSystemEntry entry) => IsSource(ref entry),
        };
        try
        {
            var list = files.Where(entry => !LeavesOutStartup || !StartupFile.Is(Path, entry.Path)).ToList();
            list.Sort(static (x, y) => string.CompareOrdinal(x.Path, y.Path));
            return list;
        }
        catch (DirectoryNotFoundException)
        {
            // The folder went while it was read, as when a branch is checked out.
            return [];
        }
    }

    // bin and obj hold what the editors' project generates, which would clash with what is compiled here.
    private static bool IsSource(ref FileSystemEntry entry)
    {
        var name = entry.FileName;
        if (name[0] == '.' || name is "bin" or "obj" or "node_modules")
        {
            return false;
        }

        return !entry.Attributes.HasFlag(FileAttributes.ReparsePoint) || !IsLoop(entry.ToFullPath());
    }

    private static bool IsLoop(string link)
    {
        var target = new DirectoryInfo(link).ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        return target is null || (link + System.IO.Path.DirectorySeparatorChar).StartsWith(
            System.IO.Path.TrimEndingDirectorySeparator(target) + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    private readonly record struct Entry(string Path, long Length, long WrittenTicks)
    {
        public static Entry Of(ref FileSystemEntry entry)
        {
            var path = entry.ToFullPath();
            if (!entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                return new Entry(path, entry.Length, entry.LastWriteTimeUtc.UtcTicks);
            }

            // A link's own time does not change when its target is written.
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo;
            return target is { Exists: true }
                ? new Entry(path, target.Length, target.LastWriteTimeUtc.Ticks)
                : new Entry(path, 0, 0);
        }
    }
}
