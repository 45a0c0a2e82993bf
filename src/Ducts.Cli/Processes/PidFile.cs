using System.Globalization;
using System.Text;
using Ducts.Redis.Ownership;
using Ducts.Scripting.Ownership;

namespace Ducts.Cli.Processes;

/// <summary>
/// The file that says which process a module is. Its lines: process id, start time, boot id, path of the status socket, which
/// is for people and not read. A file whose process is gone, or whose number another program has, counts as none and never
/// blocks a start. Its folder is one that only its owner may write to.
/// </summary>
internal sealed class PidFile : IDisposable
{
    /// <summary>The name of the default folder, in which nothing else is.</summary>
    private const string DefaultFolder = ".pid";

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    private readonly string _path;
    private readonly ProcessIdentity _process;

    private PidFile(string path, ProcessIdentity process, string socket)
    {
        _path = path;
        _process = process;
        Socket = socket;
    }

    /// <summary>The path of the socket that tells the status.</summary>
    public string Socket { get; }

    /// <summary>Writes this process down, unless another one that runs stands there.</summary>
    /// <returns>The file, which is removed when disposed; or the process that runs already.</returns>
    /// <exception cref="CommandException">The file cannot be written, or others could write it, too.</exception>
    public static async Task<(PidFile? Claimed, PidFileContent? Running)> ClaimAsync(string path)
    {
        try
        {
            var folder = Path.GetDirectoryName(path)!;
            if (PrivateFolder.Prepare(folder, isOwn: Path.GetFileName(folder) == DefaultFolder) is { } problem)
            {
                throw new CommandException($"The pid file {path} cannot be written safely: {problem} Or set pidpath in [ducts.common_config] to another path.");
            }

            using var alone = await LockAsync(path);
            if (Read(path) is { } other && other.Process.IsAlive && other.Process.Pid != Environment.ProcessId)
            {
                PidFileReader.RefuseForeign(path, other);
                return (null, other);
            }

            var process = ProcessIdentity.Current;
            var socket = StatusSocketPath.For(path, FileFacts.AreKnown ? FileFacts.CurrentUser : 0);
            await WriteAsync(path, string.Create(CultureInfo.InvariantCulture, $"{process.Pid}\n{process.Started}\n{process.Boot}\n{socket}\n"));
            return (new PidFile(path, process, socket), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The pid file {path} cannot be written: {e.Message} Set pidpath in [ducts.common_config] to a path that can.", e);
        }
    }

    /// <summary>Reads the file; null if it does not exist or names no process.</summary>
    /// <exception cref="CommandException">It cannot be read, or is no pid file.</exception>
    public static PidFileContent? Read(string path) => PidFileReader.Read(path);

    /// <summary>The process that runs, or null; what a process that is gone left behind is removed.</summary>
    /// <exception cref="CommandException">The file cannot be read, is no pid file, or cannot be believed.</exception>
    public static PidFileContent? FindRunning(string path)
    {
        var content = Read(path);
        if (content is not null && content.Process.IsAlive)
        {
            PidFileReader.RefuseForeign(path, content);
            return content;
        }

        Remove(path);
        if (content is not null)
        {
            RemoveSocket(content.Socket, content.Facts.Owner);
        }

        return null;
    }

    /// <summary>Removes the file if it is still this process's.</summary>
    public void Dispose()
    {
        try
        {
            if (Read(_path)?.Process == _process)
            {
                Remove(_path);
                RemoveSocket(Socket, FileFacts.AreKnown ? FileFacts.CurrentUser : 0);
            }
        }
        catch (CommandException)
        {
            // Somebody has put something else there, which is not this process's to remove.
        }
    }

    private static async Task WriteAsync(string path, string text)
    {
        var temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.tmp");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Mode;
        }

        // Of a process that had the same number and was killed; or a link, which would be written through.
        File.Delete(temporary);
        await using (var file = new FileStream(temporary, options))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(text));
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static void RemoveSocket(string path, uint owner)
    {
        if (StatusSocketPath.IsOf(path, owner))
        {
            Remove(path);
        }
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is left behind is recognised as stale and blocks nobody.
        }
    }

    /// <summary>Two starts at the same moment must not both find nobody. The lock ends with its holder, however it ends.</summary>
    private static async Task<FileStream> LockAsync(string path)
    {
        var clock = TimeProvider.System;
        var begin = clock.GetTimestamp();
        if (FileFacts.AreKnown && FileFacts.Of($"{path}.lock") is { Kind: FileKind.Link })
        {
            // From when others could write to the folder: opening it would make a file elsewhere.
            File.Delete($"{path}.lock");
        }

        while (true)
        {
            try
            {
                return new FileStream($"{path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists($"{path}.lock") && clock.GetElapsedTime(begin) < LockTimeout)
            {
                await Task.Delay(LockPause);
            }
        }
    }
}
