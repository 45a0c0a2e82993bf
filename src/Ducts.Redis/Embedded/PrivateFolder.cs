using System.Globalization;
using System.Runtime.Versioning;
using Ducts.Redis.Ownership;
using Microsoft.Extensions.Logging;

namespace Ducts.Redis.Embedded;

/// <summary>
/// Folders that nobody but this process' user can look into: the data holds what sessions say, and whoever can write there
/// decides which process is stopped as "left behind", and what the server reads.
/// </summary>
internal static class PrivateFolder
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Creates a folder, or takes one that exists away from all other users, with Redis' files in it.</summary>
    /// <exception cref="RedisServerStartException">The folder, or a file of Redis in it, belongs to another user.</exception>
    public static void Prepare(string folder, ILogger logger)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        if (Path.GetDirectoryName(folder) is { } parent)
        {
            Directory.CreateDirectory(parent);
        }

        Directory.CreateDirectory(folder, FolderMode);
        if (!TryTake(folder, FolderMode, out var problem))
        {
            throw new RedisServerStartException(problem);
        }

        if ((File.GetUnixFileMode(folder) & Others) != 0)
        {
            RedisLog.EmbeddedFolderOpen(logger, folder);
        }

        foreach (var entry in EntriesOf(folder))
        {
            if (!TryTake(entry.FullName, entry is DirectoryInfo ? FolderMode : FileMode, out problem))
            {
                throw new RedisServerStartException(problem);
            }
        }
    }

    /// <summary>Returns whether a folder exists and is this user's, so that what lies in it may be believed.</summary>
    public static bool IsOurs(string folder) =>
        Directory.Exists(folder)
        && (OperatingSystem.IsWindows() || TryTake(folder, FolderMode, out _));

    /// <summary>Creates or checks a folder for sockets where any user may create one of that name.</summary>
    /// <exception cref="RedisServerStartException">Another user has it, or it is a link.</exception>
    public static string PrepareShared(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return Directory.CreateDirectory(folder).FullName;
        }

        if (Directory.CreateDirectory(folder, FolderMode).LinkTarget is not null)
        {
            throw new RedisServerStartException($"{folder} is a link; the socket of the embedded redis-server needs a private folder.");
        }

        return TryTake(folder, FolderMode, out var problem)
            ? folder
            : throw new RedisServerStartException($"{problem} The socket of the embedded redis-server lies there because the path of its data is too long for one: remove the folder, set XDG_RUNTIME_DIR, or use a shorter ducts_home.");
    }

    /// <summary>Leaves a file or folder to its owner alone; false where that is another user.</summary>
    [UnsupportedOSPlatform("windows")]
    private static bool TryTake(string path, UnixFileMode mode, out string problem)
    {
        problem = string.Empty;
        var user = FileFacts.CurrentUser;
        try
        {
            // A link that is ours leads where we want; so of a link both ends must be ours.
            var isLink = new FileInfo(path).LinkTarget is not null;
            foreach (var follow in isLink ? (ReadOnlySpan<bool>)[false, true] : [true])
            {
                if (FileFacts.AreKnown && FileFacts.Of(path, follow) is { } file && file.Owner != user)
                {
                    problem = string.Create(
                        CultureInfo.InvariantCulture,
                        $"{path} belongs to user {file.Owner}, but the server runs as user {user}, and only its own user may write there: run it as that user, or give it the files (chown -R).");
                    return false;
                }
            }

            if ((File.GetUnixFileMode(path) & Others) != 0)
            {
                File.SetUnixFileMode(path, mode);
            }

            return true;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            // Only the owner may; where the system did not tell the owner, this does.
            problem = $"{path} cannot be made private: {exception.Message}";
            return false;
        }
    }

    /// <summary>Redis' own files; others in the folder are left as they are.</summary>
    private static IEnumerable<FileSystemInfo> EntriesOf(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (entry is FileInfo && (entry.Name.StartsWith("redis.", StringComparison.Ordinal) || IsData(entry.Name)))
            {
                yield return entry;
            }
            else if (entry is DirectoryInfo data && entry.Name == "appendonlydir")
            {
                yield return data;
                foreach (var file in data.EnumerateFiles().Where(static file => IsData(file.Name)))
                {
                    yield return file;
                }
            }
        }
    }

    private static bool IsData(string name) =>
        name.StartsWith("appendonly.", StringComparison.Ordinal) || name.StartsWith("temp-", StringComparison.Ordinal) || name.EndsWith(".rdb", StringComparison.Ordinal);
}
