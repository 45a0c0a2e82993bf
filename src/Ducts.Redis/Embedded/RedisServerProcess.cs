using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Ducts.Redis.Connections;
using Ducts.Redis.Ownership;

namespace Ducts.Redis.Embedded;

/// <summary>Starts, finds and ends redis-server processes of one folder.</summary>
internal sealed class RedisServerProcess
{
    private const int LastWordsLimit = 2000;
    private const int TerminateSignal = 15;

    /// <summary>A server that loads its data answers at once that it does; one question that stays open must not use up the whole start.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly StringBuilder _lastWords = new();

    public RedisServerProcess(string folder, string program)
    {
        _folder = folder;
        Program = program;
        Socket = SocketPath.For(folder);
    }

    public string Program { get; }

    public string Socket { get; }

    public string PidFile => Path.Combine(_folder, "redis.pid");

    /// <summary>What the process wrote to its terminal: why it could not start, if so.</summary>
    public string LastWords
    {
        get
        {
            lock (_lastWords)
            {
                return _lastWords.ToString().Trim();
            }
        }
    }

    /// <summary>Starts the server. On Linux it ends when the calling thread does, however that ends.</summary>
    public Process Launch()
    {
        List<string> command = [];
        // The files hold what sessions say, so Redis and the children that rewrite them create them for this user alone.
        string[] privately = OperatingSystem.IsWindows() ? [] : ["/bin/sh", "-c", "umask 077; exec \"$@\"", "redis-server"];
        if (OperatingSystem.IsLinux() && UtilLinux("setpriv") is { } setpriv)
        {
            // A session of its own, so that Ctrl+C in the terminal does not end it before those who use it have ended.
            if (UtilLinux("setsid") is { } setsid)
            {
                command.Add(setsid);
            }

            command.AddRange([setpriv, "--pdeathsig", "TERM"]);
        }

        command.AddRange(
        [
            .. privately, Program, "--port", "0", "--unixsocket", Socket, "--unixsocketperm", "600", "--dir", _folder,
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", string.Empty, "--daemonize", "no",
            "--pidfile", PidFile, "--logfile", Path.Combine(_folder, "redis.log"),
        ]);

        var start = new ProcessStartInfo(command[0]) 
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Asks the server whether it is ready; false while it starts or loads its data.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var probe = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        probe.CancelAfter(ProbeTimeout);
        try
        {
            using var socket = await RedisTransport.OpenSocketAsync(new UnixDomainSocketEndPoint(Socket), probe.Token);
            await socket.SendAsync("*1\r\n$4\r\nPING\r\n"u8.ToArray(), probe.Token);
            var reply = new byte[64];
            var count = await socket.ReceiveAsync(reply, probe.Token);
            return reply.AsSpan(0, count).StartsWith("+PONG"u8);
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>The running server of this folder that an earlier owner left behind; null if there is none.</summary>
    public Process? FindLeftBehind() => FindOurs(ListenerOf(Socket)) ?? FindOurs(ReadPidFile());

    /// <summary>Asks a process to end, which makes Redis write what it has; false if it did not within the time and was killed.</summary>
    public static async Task<bool> StopAsync(Process process, TimeSpan patience)
    {
        if (process.HasExited)
        {
            return true;
        }

        if (OperatingSystem.IsWindows() || Kill(process.Id, TerminateSignal) != 0)
        {
            process.Kill();
        }

        try
        {
            await process.WaitForExitAsync().WaitAsync(patience);
            return true;
        }
        catch (TimeoutException)
        {
            process.Kill();
            await process.WaitForExitAsync();
            return false;
        }
    }

    /// <summary>A program of util-linux; BusyBox' namesakes know fewer options.</summary>
    private static string? UtilLinux(string name) =>
        RedisServerProgram.OnPath(name) is { } path
        && new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.Name is not ("busybox" or "toybox")
            ? path
            : null;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);

    /// <summary>Returns the process that listens on a socket, by what the system says of it.</summary>
    private static int? ListenerOf(string path)
    {
        const int SocketLevel = 1;
        const int PeerCredentials = 17;
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));

            // Process, user and group.
            var credentials = new byte[12];
            return socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials) == credentials.Length
                ? BitConverter.ToInt32(credentials)
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private int? ReadPidFile()
    {
        try
        {
            return int.TryParse(File.ReadAllText(PidFile).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private Process? FindOurs(int? id)
    {
        if (id is not { } number || number <= 0)
        {
            return null;
        }

        try
        {
            var process = Process.GetProcessById(number);

            // The number may be another program's by now; or another folder's server's.
            if (!process.HasExited && process.ProcessName.Contains("-server", StringComparison.Ordinal) && IsOurs(number))
            {
                return process;
            }

            process.Dispose();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // No such process, or no more.
        }

        return null;
    }

    /// <summary>Whether a process is this user's and works in this folder: a number in a file alone ends nobody.</summary>
    private bool IsOurs(int id)
    {
        var process = "/proc/" + id.ToString(CultureInfo.InvariantCulture);
        if (!OperatingSystem.IsLinux())
        {
            // No /proc (macOS): the system lets nobody but root end others' processes, and the folder is private.
            return true;
        }

        try
        {
            var users = File.ReadLines(process + "/status").First(static line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t');
            var effective = uint.Parse(users[2], CultureInfo.InvariantCulture);
            return effective == FileFacts.CurrentUser
                && FileFacts.Of(process + "/cwd", follow: true) is { } cwd
                && cwd.Identity == FileFacts.Of(_folder, follow: true)?.Identity;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            // It has ended meanwhile.
            return false;
        }
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lastWords)
        {
            if (_lastWords.Length < LastWordsLimit)
            {
                _lastWords.AppendLine(line);
            }
        }
    }
}
