using System.Globalization;
using System.Text;

namespace Ducts.Cli.Processes;

/// <summary>
/// The file that says which process a module is. Its lines: process id, start time, boot id, path of the status socket.
/// A file whose process is gone, or whose number another program has, counts as none and never blocks a start.
/// </summary>
internal sealed class PidFile : IDisposable
{
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
    /// <exception cref="CommandException">The file cannot be written.</exception>
    public static async Task<(PidFile? Claimed, PidFileContent? Running)> ClaimAsync(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var alone = await LockAsync(path);
            if (Read(path) is { } other && other.Process.IsAlive && other.Process.Pid != Environment.ProcessId)
                return (null, other);
            var process = ProcessIdentity.Current;
            var socket = StatusSocketPath.For(path);
            var text = string.Create(CultureInfo.InvariantCulture, $"{process.Pid}\n{process.Started}\n{process.Boot}\n{socket}\n");
            var temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{process.Pid}.tmp");
            await File.WriteAllTextAsync(temporary, text);
            File.Move(temporary, path, overwrite: true);
            return (new PidFile(path, process, socket), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The pid file {path} cannot be written: {e.Message} Set pidpath in [ducts.common_config] to a path that can.", e);
        }
    }

    /// <summary>Reads the file; null if it does not exist or cannot be read.</summary>
    public static PidFileContent? Read(string path)
    {
        try
        {
            var lines = File.ReadAllLines(path, Encoding.UTF8);
            return lines.Length >= 4
                && int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var started)
                ? new PidFileContent(new ProcessIdentity(pid, started, lines[2]), lines[3])
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The process that runs, or null; what a process that is gone left behind is removed.</summary>
    public static PidFileContent? FindRunning(string path)
    {
        var content = Read(path);
        if (content is not null && content.Process.IsAlive)
            return content;
        Remove(path);
        if (content is not null)
            Remove(content.Socket);
        return null;
    }

    /// <summary>Removes the file if it is still this process's.</summary>
    public void Dispose()
    {
        if (Read(_path)?.Process == _process)
            Remove(_path);
        Remove(Socket);
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
