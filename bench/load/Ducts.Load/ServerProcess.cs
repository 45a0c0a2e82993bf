using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ducts.Load;

/// <summary>A server in a process of its own, on a free loopback port.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    // A server under load compiles what is hot a second time, for half a minute where it has compiled handler files before.
    private static readonly TimeSpan CompilingTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan CompilerInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CompilerIdle = TimeSpan.FromMilliseconds(30);

    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public ProcessUsage Usage => ProcessUsage.Read(_process.Id);

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <param name="kind">The server.</param>
    /// <param name="folder">Where it works.</param>
    /// <param name="settings">Environment variables that configure it.</param>
    public static async Task<ServerProcess> StartAsync(ServerKind kind, WorkFolder folder, params (string Name, string Value)[] settings)
    {
        var port = FreePort();
        var number = port.ToString(CultureInfo.InvariantCulture);
        var start = kind switch
        {
            ServerKind.Ducts or ServerKind.Baseline => new ProcessStartInfo("dotnet", [Path.Combine(folder.Tool(kind), "ducts.dll"), "server", "run"]) { WorkingDirectory = folder.Of(kind) },
            ServerKind.Kestrel or ServerKind.SignalR => new ProcessStartInfo("dotnet", [Path.Combine(Places.Output("Ducts.Load.Peers"), "Ducts.Load.Peers.dll"), kind == ServerKind.Kestrel ? "kestrel" : "signalr", number]),
            ServerKind.Ws => new ProcessStartInfo("node", [Path.Combine(Places.Load, "node", "ws.mjs"), number]),
            _ => new ProcessStartInfo("node", [Path.Combine(Places.Load, "node", "socketio.mjs"), number]),
        };
        // The only settings that differ from the defaults, unless a scenario has its own.
        start.Environment["DUCTS_SERVER__HTTPD_PORT"] = number;
        // All clients of the load have one address.
        start.Environment["DUCTS_LIMIT__DISCOVERY_PER_SECOND"] = "0";
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        start.RedirectStandardOutput = true;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        // The server's own words stay out of the table; what it prints is read so that it never waits for us.
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        var server = new ServerProcess(process, port);
        try
        {
            await server.WaitUntilItListensAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the server's runtime no longer compiles hot methods again, or has done so for a long time.</summary>
    public Task WaitUntilCompiledAsync() => WaitUntilCompiledAsync(Task.Delay);

    /// <summary>Does something meanwhile, so that there is something to compile.</summary>
    /// <param name="work">Works for some time.</param>
    public async Task WaitUntilCompiledAsync(Func<TimeSpan, Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        double before, now = ProcessUsage.ReadCompilerMicroseconds(_process.Id);
        do
        {
            before = now;
            await work(CompilerInterval);
            now = ProcessUsage.ReadCompilerMicroseconds(_process.Id);
        }
        while (now - before > CompilerIdle.TotalMicroseconds && Stopwatch.GetElapsedTime(started) < CompilingTimeout);
    }

    public async ValueTask DisposeAsync()
    {
        // SIGTERM lets Ducts take its Redis along.
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }

        using var timeout = new CancellationTokenSource(StopTimeout);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task WaitUntilItListensAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < StartTimeout)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"a server ended with code {_process.ExitCode} before it listened");
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(5);
            }
        }

        throw new TimeoutException("a server did not listen in time");
    }
}
