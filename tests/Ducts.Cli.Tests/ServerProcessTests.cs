using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Ducts.Cli.Processes;

namespace Ducts.Cli;

public sealed partial class ServerProcessTests : IAsyncLifetime
{
    private readonly Tool _tool = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await _tool.DisposeAsync();

    [Fact]
    public async Task Start_returns_when_the_server_listens_and_its_log_goes_on_to_the_same_output()
    {
        var started = await _tool.RunAsync("server", "start");
        Assert.Equal((0, ""), (started.ExitCode, started.Error));
        await Until.TrueAsync(() => Started().IsMatch(File.ReadAllText(started.LogPath)), "the START line");
        var port = int.Parse(Started().Match(await File.ReadAllTextAsync(started.LogPath)).Groups[1].Value);
        using (var client = new TcpClient())
            await client.ConnectAsync(IPAddress.Loopback, port);

        var status = await _tool.RunAsync("server", "status");
        Assert.Equal(0, status.ExitCode);
        Assert.Contains($"address   http://127.0.0.1:{port}/", status.Output, StringComparison.Ordinal);
        Assert.Contains("sessions  0", status.Output, StringComparison.Ordinal);

        var again = await _tool.RunAsync("server", "start");
        Assert.Equal(1, again.ExitCode);
        Assert.Equal($"The server runs already, as process {Pid()}. Stop it with: ducts server stop\n", again.Error);

        var process = Assert.IsType<PidFileContent>(PidFile.Read(_tool.PidFile)).Process;
        var stopped = await _tool.RunAsync("server", "stop");
        Assert.Equal((0, $"The server has stopped (process {process.Pid}).\n"), (stopped.ExitCode, stopped.Output));
        Assert.False(process.IsAlive);
        Assert.False(File.Exists(_tool.PidFile));
        Assert.Equal(3, (await _tool.RunAsync("server", "status")).ExitCode);
        Assert.Contains("[NOTICE] STOP|SIGNAL=SIGTERM", await File.ReadAllTextAsync(started.LogPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_is_away_from_the_terminal()
    {
        await _tool.RunAsync("server", "start");
        var pid = Pid();
        var session = int.Parse((await File.ReadAllTextAsync($"/proc/{pid}/stat")).Split(") ")[1].Split(' ')[3]);
        Assert.Equal(pid, session);
        Assert.Equal("/dev/null", new FileInfo($"/proc/{pid}/fd/0").LinkTarget);
    }

    [Fact]
    public async Task The_prompt_comes_back_when_output_is_a_pipe_whose_reader_leaves_and_the_server_lives_on()
    {
        var result = await _tool.ShellAsync("\"$DUCTS\" server start | head -n 1; \"$DUCTS\" server status | head -n 1");
        Assert.EndsWith("The server runs.\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_was_killed_blocks_no_start()
    {
        await _tool.RunAsync("server", "start");
        var first = Assert.IsType<PidFileContent>(PidFile.Read(_tool.PidFile)).Process;
        Kill(first.Pid, "KILL");
        await Until.TrueAsync(() => !first.IsAlive, "the end of the server");
        Assert.Equal(3, (await _tool.RunAsync("server", "status")).ExitCode);
        Assert.Equal(0, (await _tool.RunAsync("server", "start")).ExitCode);
        Assert.NotEqual(first.Pid, Pid());
    }

    [Fact]
    public async Task A_pid_file_with_another_programs_number_blocks_no_start_and_nobody_is_stopped()
    {
        using var bystander = Process.Start("sleep", "1000");
        try
        {
            var identity = ProcessIdentity.Of(bystander.Id)!;
            _tool.Write(".pid/server_ducts.pid", $"{identity.Pid}\n{identity.Started - 1}\n{identity.Boot}\n/nowhere\n");
            var stopped = await _tool.RunAsync("server", "stop");
            Assert.Equal((0, "The server does not run.\n"), (stopped.ExitCode, stopped.Output));
            Assert.False(bystander.HasExited);
            _tool.Write(".pid/server_ducts.pid", $"{identity.Pid}\n{identity.Started}\n{Guid.NewGuid()}\n/nowhere\n");
            Assert.Equal(0, (await _tool.RunAsync("server", "start")).ExitCode);
            Assert.False(bystander.HasExited);
        }
        finally
        {
            bystander.Kill();
        }
    }

    [Fact]
    public async Task Of_many_starts_at_once_one_wins_and_the_others_say_so()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _tool.RunAsync("server", "start")));
        Assert.Single(results, static result => result.ExitCode == 0);
        Assert.Equal(4, results.Count(result => result.ExitCode == 1 && result.Error.StartsWith($"The server runs already, as process {Pid()}.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_taken_port_is_named_with_what_to_do()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        _tool.Environment["DUCTS_SERVER__HTTPD_PORT"] = $"{port}";
        var result = await _tool.RunAsync("server", "start");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal($"Port {port} of 127.0.0.1 is taken: another server listens there. Stop it, or set another httpd_port in [ducts.server_config].\n", result.Error);
        Assert.False(File.Exists(_tool.PidFile));
        Assert.DoesNotContain("   at ", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("::1")]
    public async Task A_taken_port_is_told_without_a_stack_trace(string address)
    {
        using var other = new TcpListener(address == "::1" ? IPAddress.IPv6Loopback : IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        _tool.Environment["DUCTS_SERVER__HTTPD_PORT"] = $"{port}";
        _tool.Environment["DUCTS_SERVER__HTTPD_ADDR"] = address;
        foreach (var verb in new[] { "start", "run" })
        {
            var result = await _tool.RunAsync("server", verb);
            Assert.Equal(1, result.ExitCode);
            Assert.Equal($"Port {port} of {address} is taken: another server listens there. Stop it, or set another httpd_port in [ducts.server_config].\n", result.Error);
            Assert.DoesNotContain("   at ", result.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("CRITICAL", result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Localhost_takes_a_free_port_too()
    {
        _tool.Environment["DUCTS_SERVER__HTTPD_ADDR"] = "localhost";
        var started = await _tool.RunAsync("server", "start");
        Assert.Equal((0, ""), (started.ExitCode, started.Error));
        var address = new Uri(Address().Match((await _tool.RunAsync("server", "status")).Output).Groups[1].Value);
        Assert.Equal("localhost", address.Host);
        using var http = new HttpClient { BaseAddress = address };
        Assert.Equal("{\"status\":\"ok\"}", await http.GetStringAsync("healthz"));
    }

    [Fact]
    public async Task A_log_in_a_file_that_a_restart_opens_once_more_is_appended_to()
    {
        await _tool.ShellAsync("\"$DUCTS\" server start > server.log 2>&1");
        var log = Path.Combine(_tool.Folder, "server.log");
        await Until.TrueAsync(() => Started().IsMatch(File.ReadAllText(log)), "the START line");
        await _tool.ShellAsync("\"$DUCTS\" server restart > server.log 2>&1");
        await Until.TrueAsync(() => Started().IsMatch(File.ReadAllText(log)), "the START line of the second server");
        await _tool.ShellAsync("\"$DUCTS\" server stop > server.log 2>&1");

        var lines = await File.ReadAllTextAsync(log);
        Assert.DoesNotContain('\0', lines);
        Assert.Matches("STOP\\|SIGNAL=SIGTERM", lines);
        Assert.Matches("\nThe server has stopped \\(process [0-9]+\\)\\.\n", lines);
    }

    [Theory]
    [InlineData("DUCTS_SERVER__HTTPD_ADDR", "203.0.113.9", "203.0.113.9 is no address of this machine.")]
    [InlineData("DUCTS_SERVER__HTTPD_PORT", "x", "DUCTS_SERVER__HTTPD_PORT: [ducts.server_config] httpd_port = \"x\": expected an integer from 0 to 65535")]
    [InlineData("DUCTS_IFCONF__LOG_FILE", "/proc/none/x.log", "The log file /proc/none/x.log cannot be opened")]
    [InlineData("DUCTS_COMMON__PIDPATH", "/proc/none/x.pid", "The pid file /proc/none/x.pid cannot be written")]
    public async Task A_start_that_fails_says_why(string variable, string value, string message)
    {
        _tool.Environment[variable] = value;
        foreach (var verb in new[] { "start", "run" })
        {
            var result = await _tool.RunAsync("server", verb);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains(message, result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Restart_replaces_the_process_and_starts_one_where_none_runs()
    {
        Assert.Equal(0, (await _tool.RunAsync("server", "restart")).ExitCode);
        var first = Pid();
        Assert.Equal(0, (await _tool.RunAsync("server", "restart")).ExitCode);
        Assert.NotEqual(first, Pid());
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    public async Task A_server_in_the_foreground_ends_cleanly_on_a_signal(string signal)
    {
        using var process = _tool.Start("server", "run");
        var output = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            output.AppendLine(line);
            if (Started().IsMatch(line))
                Kill(process.Id, signal);
        }
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        Assert.Contains($"STOP|SIGNAL=SIG{signal}", output.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(_tool.PidFile));
    }

    [Fact]
    public async Task A_hangup_opens_the_log_file_of_a_background_server_anew()
    {
        _tool.Environment["DUCTS_IFCONF__LOG_FILE"] = "server.log";
        await _tool.RunAsync("server", "start");
        var log = Path.Combine(_tool.Folder, "server.log");
        await Until.TrueAsync(() => Started().IsMatch(File.ReadAllText(log)), "the START line");
        File.Move(log, log + ".old");
        Kill(Pid(), "HUP");
        await _tool.RunAsync("server", "stop");
        Assert.Contains("STOP|SIGNAL=SIGTERM", await File.ReadAllTextAsync(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_end_is_killed()
    {
        _tool.Environment["DUCTS_WEB_SOCKET_SERVER__SHUTDOWN_TIMEOUT"] = "0";
        await _tool.RunAsync("server", "start");
        var process = Assert.IsType<PidFileContent>(PidFile.Read(_tool.PidFile)).Process;
        Kill(process.Pid, "STOP");
        var result = await _tool.RunAsync("server", "stop");
        Assert.Equal((0, $"The server was killed (process {process.Pid}): it had not stopped within 5 s.\n"), (result.ExitCode, result.Output));
        Assert.False(process.IsAlive);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Systemd_is_told_when_the_server_is_ready_and_when_it_stops(bool isAbstract)
    {
        var address = isAbstract ? $"@ducts-{Guid.NewGuid():N}" : Path.Combine(_tool.Folder, "notify");
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{address[1..]}" : address));
        _tool.Environment["NOTIFY_SOCKET"] = address;
        using var process = _tool.Start("server", "run");
        Assert.StartsWith("READY=1\nSTATUS=listening on port ", await ReceiveAsync(systemd), StringComparison.Ordinal);
        Kill(process.Id, "TERM");
        Assert.Equal("STOPPING=1", await ReceiveAsync(systemd));
        await process.WaitForExitAsync();

        static async Task<string> ReceiveAsync(Socket socket)
        {
            var buffer = new byte[1024];
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, patience.Token));
        }
    }

    [Fact]
    public async Task The_status_works_where_the_pid_files_path_is_too_long_for_a_socket()
    {
        _tool.Environment["DUCTS_COMMON__PIDPATH"] = $"{new string('d', 100)}/x.pid";
        Assert.Equal(0, (await _tool.RunAsync("server", "start")).ExitCode);
        Assert.Contains("sessions  0", (await _tool.RunAsync("server", "status")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await _tool.RunAsync("server", "stop")).ExitCode);
    }

    private int Pid() => PidFile.Read(_tool.PidFile)!.Process.Pid;

    private static void Kill(int pid, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{pid}"]);
        kill.WaitForExit();
    }

    [GeneratedRegex(@"address   (http://\S+/)\n")]
    private static partial Regex Address();

    [GeneratedRegex(@"START\|SOCKET=\('127\.0\.0\.1', (\d+)\)")]
    private static partial Regex Started();
}
