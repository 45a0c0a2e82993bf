using Ducts.Scripting.Compiling;
using Ducts.Redis.Ownership;
using Ducts.Scripting.Ownership;
using Microsoft.Extensions.Logging;

namespace Ducts.Scripting.Caching;

/// <summary>
/// Compiled files by content, in a folder that several servers may share. It is an aid only: what cannot be read is
/// compiled anew, what cannot be written is compiled again next time. An entry is code that runs as this user: what another
/// user could have written is not read.
/// </summary>
internal sealed class ScriptCache
{
    /// <summary>Entries kept besides those just used: a few branches' worth, some MB.</summary>
    public const int Kept = 20;

    private const string Extension = ".bin";
    private const string Unfinished = ".tmp";

    // Longer than writing an entry takes, so that no other server's unfinished file is taken away.
    private static readonly TimeSpan UnfinishedAge = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public ScriptCache(string folder, TimeProvider time, ILogger logger)
    {
        _folder = folder;
        _time = time;
        _logger = logger;
    }

    public CompiledScripts? Find(string key)
    {
        var path = PathOf(key);
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            if (FindForeign(path) is { } reason)
            {
                ScriptingLog.CacheEntryRefused(_logger, path, reason);
                return null;
            }

            var scripts = CacheEntry.Read(File.ReadAllBytes(path));
            if (scripts is null)
            {
                ScriptingLog.CacheEntryDamaged(_logger, path);
                return null;
            }

            // The time says when an entry was last of use; pruning goes by it.
            File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
            return scripts;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ScriptingLog.CacheOutOfReach(_logger, path, exception.Message);
            return null;
        }
    }

    public void Store(string key, CompiledScripts scripts)
    {
        var path = PathOf(key);
        try
        {
            if (PrivateFolder.Prepare(_folder, isOwn: true) is { } reason)
            {
                ScriptingLog.CacheRefused(_logger, _folder, reason);
                return;
            }

            var unfinished = $"{path}.{Guid.NewGuid():N}{Unfinished}";
            Write(unfinished, CacheEntry.Write(scripts));
            File.Move(unfinished, path, overwrite: true);
            Prune();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ScriptingLog.CacheOutOfReach(_logger, path, exception.Message);
        }
    }

    private string? FindForeign(string path)
    {
        if (!FileFacts.AreKnown)
        {
            return null;
        }

        if (PrivateFolder.Prepare(_folder, isOwn: true) is { } problem)
        {
            return problem;
        }

        return FileFacts.Of(path) switch
        {
            { Kind: not FileKind.File } => "it is not a regular file",
            { IsOurs: false } entry => $"it belongs to user {UserName.Of(entry.Owner)}",
            // Where the folder is made private and yet is not, the file system keeps no permissions.
            { IsWritableByOthers: true } entry when FileFacts.Of(_folder, follow: true) is { IsWritableByOthers: false } =>
                $"others may write to it, its mode is {PrivateFolder.Describe(entry.Mode)}",
            _ => null,
        };
    }

    private static void Write(string path, byte[] content)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(content);
    }

    private void Prune()
    {
        var files = new DirectoryInfo(_folder).GetFiles();
        var old = files.Where(static file => file.Extension == Extension)
            .OrderByDescending(static file => file.LastWriteTimeUtc)
            .Skip(Kept);
        var latest = _time.GetUtcNow().UtcDateTime - UnfinishedAge;
        var abandoned = files.Where(file => file.Extension == Unfinished && file.LastWriteTimeUtc < latest);
        foreach (var file in old.Concat(abandoned))
        {
            file.Delete();
        }
    }

    private string PathOf(string key) => Path.Combine(_folder, key + Extension);
}
