using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.Redis.Tests;

/// <summary>A real redis-server in a folder of its own.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly List<string> _arguments;
    private Process? _process;

    private RedisServer(string folder, int port, IEnumerable<string> arguments)
    {
        Folder = folder;
        Port = port;
        Socket = Path.Combine(folder, "redis.sock");
        _arguments =
        [
            .. arguments, "--dir", folder, "--save", "", "--unixsocket", Socket, "--bind", "127.0.0.1",
            "--port", port.ToString(CultureInfo.InvariantCulture), "--logfile", Path.Combine(folder, "redis.log"),
        ];
    }

    public string Folder { get; }

    public string Socket { get; }

    public int Port { get; }

    public string Uri => "unix://" + Socket;

    public string TcpUri => $"redis://127.0.0.1:{Port}";

    public int ProcessId => _process!.Id;

    /// <summary>Starts a server on a Unix socket; on TCP as well if a port is given.</summary>
    public static async Task<RedisServer> StartAsync(int port = 0, params string[] arguments)
    {
        var server = new RedisServer(Directory.CreateTempSubdirectory("redis-test-").FullName, port, arguments);
        await server.LaunchAsync();
        return server;
    }

    /// <summary>
    /// A server that comes back with its data when it is killed. With everysec Redis holds acknowledged writes back while
    /// a sync is under way; without syncs they are with the kernel before they are acknowledged, which outlives a kill.
    /// </summary>
    public static Task<RedisServer> StartPersistentAsync(int port = 0, params string[] arguments) =>
        StartAsync(port, ["--appendonly", "yes", "--appendfsync", "no", .. arguments]);

    public static int FreePort()
    {
        // Below 10000 is free for the cluster bus at port + 10000.
        while (true)
        {
            var port = Random.Shared.Next(20000, 32000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            using var bus = new TcpListener(IPAddress.Loopback, port + 10000);
            try
            {
                listener.Start();
                bus.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; the next one.
            }
        }
    }

    public Task<RedisClient> ConnectAsync(Action<RedisClientOptions>? configure = null) => Clients.ConnectAsync(Uri, configure);

    public async Task LaunchAsync(bool waitUntilReady = true)
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true, RedirectStandardError = true };
        _arguments.ForEach(start.ArgumentList.Add);
        try
        {
            _process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new InvalidOperationException("These tests need a redis-server on PATH: apt-get install redis-server", exception);
        }

        if (waitUntilReady)
        {
            await Until.TrueAsync(() => _process.HasExited || IsReady(), "redis-server is ready");
            Assert.False(_process.HasExited, File.Exists(Path.Combine(Folder, "redis.log")) ? File.ReadAllText(Path.Combine(Folder, "redis.log")) : "redis-server ended");
        }
    }

    /// <summary>Kills with SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Runs a command on a connection of its own, whatever the client under test does.</summary>
    public async Task<string> CliAsync(params string[] command)
    {
        var start = new ProcessStartInfo("redis-cli") { RedirectStandardOutput = true };
        foreach (var argument in (string[])["-s", Socket, .. command])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (IOException)
        {
            // A child of the server may still be writing; the folder is a temporary one.
        }
    }

    private bool IsReady()
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(Socket));
            socket.Send("PING\r\n"u8);
            var reply = new byte[64];
            var text = Encoding.ASCII.GetString(reply, 0, socket.Receive(reply));
            return text.StartsWith("+PONG", StringComparison.Ordinal) || text.StartsWith("-NOAUTH", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
