using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Ducts.Redis.Ownership;
using Ducts.Scripting.Ownership;

namespace Ducts.Cli.Processes;

/// <summary>
/// Reads a pid file. Whoever can write it says which process is ended: it counts for processes of its owner only, and only
/// if nobody else could have written it.
/// </summary>
internal static class PidFileReader
{
    /// <summary>Several times a real file.</summary>
    private const int MaxBytes = 4096;

    private const UnixFileMode OthersMayWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Reads the file.</summary>
    /// <returns>What it says; null if there is none, or one that names no process, as a program before this one has written.</returns>
    /// <exception cref="CommandException">The file cannot be read, or is no pid file; the message says what to do.</exception>
    public static PidFileContent? Read(string path)
    {
        try
        {
            var facts = default(FileFacts);
            if (FileFacts.AreKnown)
            {
                if (FileFacts.Of(path) is not { } found)
                {
                    return null;
                }

                RefuseKind(path, found);
            }

            using var file = File.OpenHandle(path);
            if (FileFacts.AreKnown)
            {
                // What was looked at may have been replaced since.
                facts = FileFacts.Of(file);
                RefuseKind(path, facts);
            }

            var buffer = new byte[MaxBytes + 1];
            return Parse(path, buffer.AsSpan(0, RandomAccess.Read(file, buffer, 0)), facts);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The pid file {path} cannot be read: {e.Message} Run the command as the user that started the process.", e);
        }
    }

    /// <summary>Makes sure that the file's word counts for the process that it names.</summary>
    /// <exception cref="CommandException">Another user than the process's could have written it.</exception>
    public static void RefuseForeign(string path, PidFileContent content)
    {
        if (!FileFacts.AreKnown)
        {
            return;
        }

        var (pid, facts) = (content.Process.Pid, content.Facts);
        if (ProcessIdentity.OwnerOf(pid) is { } user && user != facts.Owner)
        {
            throw new CommandException(
                $"The pid file {path} belongs to user {UserName.Of(facts.Owner)}, but process {pid}, which it names, to user {UserName.Of(user)}, so it is not believed. Remove it.");
        }

        if (facts.Links > 1)
        {
            throw new CommandException($"The pid file {path} has a second name elsewhere and may be another program's, so it is not believed. Remove it.");
        }

        if (PrivateFolder.FindForeignLink(Path.GetDirectoryName(path)!) is { } problem)
        {
            throw new CommandException($"The pid file {path} is not believed: {problem}");
        }

        if (facts.IsWritableByOthers && Protect(path, facts.Mode))
        {
            throw new CommandException(
                $"Others could write to the pid file {path}, whose mode was {PrivateFolder.Describe(facts.Mode)}, so it is not believed; now they cannot. It names process {pid}: if that is the right one, enter the command again.");
        }
    }

    /// <summary>Takes others' permission away. A file system that keeps no permissions shows the same as before.</summary>
    /// <returns>Whether that has changed anything.</returns>
    [SupportedOSPlatform("linux")]
    private static bool Protect(string path, UnixFileMode mode)
    {
        try
        {
            File.SetUnixFileMode(path, mode & ~OthersMayWrite);
            return FileFacts.Of(path) is { IsWritableByOthers: false };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file belongs to another user, whose processes this one cannot end anyway.
            return false;
        }
    }

    private static void RefuseKind(string path, FileFacts facts)
    {
        if (facts.Kind != FileKind.File)
        {
            var kind = facts.Kind switch
            {
                FileKind.Link => "a symbolic link, which is not followed",
                FileKind.Folder => "a folder",
                _ => "no regular file",
            };
            throw new CommandException($"The pid file {path} is {kind}. Remove it, or set pidpath in [ducts.common_config] to another path.");
        }
    }

    private static PidFileContent? Parse(string path, ReadOnlySpan<byte> bytes, FileFacts facts)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        if (bytes.Length > MaxBytes || (bytes.Length > 0 && !IsNumber(lines[0].Trim())))
        {
            throw new CommandException($"{path} is no pid file, so it stays as it is. Move it elsewhere, or set pidpath in [ducts.common_config] to another path.");
        }

        return lines.Length >= 3
            && int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            && long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var started)
            ? new PidFileContent(new ProcessIdentity(pid, started, lines[2]), facts, StatusSocketPath.For(path, facts.Owner))
            : null;
    }

    private static bool IsNumber(string text) => text.Length is > 0 and < 20 && text.All(char.IsAsciiDigit);
}
