using System.Diagnostics;
using System.Text.RegularExpressions;
using Ducts.Cli.Hosting;
using Ducts.Cli.Processes;

namespace Ducts.Cli;

/// <summary>The command with handlers, Redis and modules: everything a user's folder holds.</summary>
public sealed partial class ApplicationTests : IAsyncLifetime
{
    private readonly Tool _tool = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await _tool.DisposeAsync();

    [Fact]
    public async Task A_new_folder_starts_and_its_handlers_are_called_from_the_command_line()
    {
        await _tool.RunAsync("new");
        var url = await StartAsync();
        Assert.Equal("\"Hello, Ada!\"\n", (await _tool.RunAsync("call", "HELLO", "Ada", "--url", url)).Output);
        Assert.Equal("\"Hello, Ada!\"\n", (await _tool.ShellAsync($"echo '{{\"name\": \"Ada\"}}' | \"$DUCTS\" call hello - --url {url}")).Output);
        Assert.Equal("1\n2\n3\n", (await _tool.RunAsync("call", "1001", "3", "--url", url)).Output);
        Assert.Matches("\n1000  HELLO +reply", (await _tool.RunAsync("events", url)).Output);

        var unknown = await _tool.RunAsync("call", "HELO", "--url", url);
        Assert.Equal((1, "The server has no event HELO; did you mean HELLO?\nSee: ducts events\n"), (unknown.ExitCode, unknown.Error));
        var refused = await _tool.RunAsync("call", "HELLO", "{\"nam\": 1}", "--url", url);
        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("TypeError: ", refused.Error, StringComparison.Ordinal);
        Assert.StartsWith("DATA is not JSON: ", (await _tool.RunAsync("call", "HELLO", "{nam", "--url", url)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupting_a_call_ends_it()
    {
        await _tool.RunAsync("new");
        var url = await StartAsync();
        using var call = _tool.Start("call", "COUNT", "100000", "--url", url);
        Assert.Equal("1", await call.StandardOutput.ReadLineAsync());
        using var kill = Process.Start("kill", ["-s", "INT", $"{call.Id}"]);
        await call.WaitForExitAsync();
        Assert.Equal(130, call.ExitCode);
    }

    [Fact]
    public async Task After_a_kill_the_next_start_has_the_data_and_no_stray_redis_stays()
    {
        _tool.Environment["DUCTS_EVENT__REDIS_EXECUTE_COMMANDS"] = "['SET', 'GET']";
        var url = await StartAsync();
        await _tool.RunAsync("call", "REDIS_EXECUTE", "[\"SET\", \"k\", \"kept\"]", "--url", url);
        var redis = int.Parse(await File.ReadAllTextAsync(Path.Combine(_tool.Folder, ".redis", "redis.pid")));
        // Written at once to the file, to the disk every second; a killed process loses nothing of the first.
        using (var kill = Process.Start("kill", ["-s", "KILL", $"{PidFile.Read(_tool.PidFile)!.Process.Pid}"]))
            await kill.WaitForExitAsync();
        await Until.TrueAsync(() => ProcessIdentity.Of(PidFile.Read(_tool.PidFile)!.Process.Pid) is null, "the end of the server");

        url = await StartAsync();
        Assert.Equal("\"a2VwdA==\"\n", (await _tool.RunAsync("call", "REDIS_EXECUTE", "[\"GET\", \"k\"]", "--url", url)).Output);
        Assert.Null(ProcessIdentity.Of(redis));
        var next = int.Parse(await File.ReadAllTextAsync(Path.Combine(_tool.Folder, ".redis", "redis.pid")));
        await _tool.RunAsync("server", "stop");
        Assert.Null(ProcessIdentity.Of(next));
    }

    [Fact]
    public async Task Stop_ends_the_redis_of_a_server_that_hangs()
    {
        _tool.Environment["DUCTS_WEB_SOCKET_SERVER__SHUTDOWN_TIMEOUT"] = "0";
        await StartAsync();
        var redis = int.Parse(await File.ReadAllTextAsync(Path.Combine(_tool.Folder, ".redis", "redis.pid")));
        using (var kill = Process.Start("kill", ["-s", "STOP", $"{PidFile.Read(_tool.PidFile)!.Process.Pid}"]))
            await kill.WaitForExitAsync();
        var stop = await _tool.RunAsync("server", "stop");
        Assert.Equal("", stop.Error);
        Assert.Contains("was killed", stop.Output, StringComparison.Ordinal);
        await Until.TrueAsync(() => ProcessIdentity.Of(redis) is null, "the end of Redis");
    }

    [Fact]
    public async Task Stop_ends_no_redis_that_only_a_pid_file_names()
    {
        _tool.Environment["DUCTS_WEB_SOCKET_SERVER__SHUTDOWN_TIMEOUT"] = "0";
        await StartAsync();
        var folder = Directory.CreateTempSubdirectory("ducts-foreign-").FullName;
        using var foreign = Process.Start(new ProcessStartInfo(
            "redis-server", ["--port", "0", "--unixsocket", Path.Combine(folder, "redis.sock"), "--dir", folder, "--save", ""]) { RedirectStandardOutput = true })!;
        try
        {
            await Until.TrueAsync(() => File.Exists(Path.Combine(folder, "redis.sock")), "the start of the other Redis");
            await File.WriteAllTextAsync(Path.Combine(_tool.Folder, ".redis", "redis.pid"), $"{foreign.Id}");
            using (var kill = Process.Start("kill", ["-s", "STOP", $"{PidFile.Read(_tool.PidFile)!.Process.Pid}"]))
                await kill.WaitForExitAsync();
            Assert.Contains("was killed", (await _tool.RunAsync("server", "stop")).Output, StringComparison.Ordinal);
            Assert.False(foreign.HasExited);
        }
        finally
        {
            foreign.Kill();
            await foreign.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_handlers_own_section_is_printed_bound_and_known()
    {
        _tool.Write("handler/evt_1000_limit.cs", """
            [Config("evt_1000_limit_config")]
            public sealed record LimitOptions
            {
                [System.ComponentModel.Description("most items")]
                public int MaxItems { get; init; } = 10;
            }

            public sealed class Limit(LimitOptions options) : DuctsHandler
            {
                public int Handle() => options.MaxItems;
            }
            """);
        Assert.Equal("\n[evt_1000_limit_config]\n\n# most items (<class 'int'>)\n# max_items = 10\n\n", (await _tool.RunAsync("config", "evt_1000_limit_config")).Output);
        Assert.Contains("[evt_1000_limit_config]", (await _tool.RunAsync("config")).Output, StringComparison.Ordinal);

        _tool.Write("config_server.ini", "[evt_1000_limit_config]\nmax_items = 20\n[evt_1000_limt_config]\n");
        var check = await _tool.RunAsync("config", "check");
        Assert.Equal((1, "config_server.ini(3): section [evt_1000_limt_config] is unknown; did you mean evt_1000_limit_config? [warning]\n"), (check.ExitCode, check.Output));
        var url = await StartAsync();
        Assert.Equal("20\n", (await _tool.RunAsync("call", "LIMIT", "--url", url)).Output);
        await _tool.RunAsync("server", "stop");

        _tool.Environment["DUCTS_EVENT__STRICT"] = "true";
        var strict = await _tool.RunAsync("server", "start");
        Assert.Equal(1, strict.ExitCode);
        Assert.Contains("config_server.ini(3): section [evt_1000_limt_config] is unknown", strict.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_whose_handlers_none_loads_does_not_start_and_names_the_cause_first()
    {
        var helper = _tool.Write("handler/words.cs", "public static class Words { public static int One => \"1\"; }");
        var user = _tool.Write("handler/evt_1000_user.cs", "public class User : DuctsHandler { public int Handle() => Words.One; }");
        var failing = _tool.Write("handler/evt_1001_failing.cs", "public class Failing : DuctsHandler { public Failing() => throw new Exception(\"no luck\"); public int Handle() => 1; }");
        _tool.Write("handler/evt_1002_fine.cs", "public class Fine : DuctsHandler { public int Handle() => 1; }");

        var some = await _tool.RunAsync("server", "start");
        Assert.Equal((0, ""), (some.ExitCode, some.Error));
        await Until.TrueAsync(() => File.ReadAllText(some.LogPath).Contains("[WARNING] LOADED IN PART|REFUSED=3; the other handlers answer", StringComparison.Ordinal), "the warning");
        await _tool.RunAsync("server", "stop");

        File.Delete(Path.Combine(_tool.Folder, "handler", "evt_1002_fine.cs"));
        foreach (var verb in new[] { "start", "run" })
        {
            var none = await _tool.RunAsync("server", verb);
            Assert.Equal(1, none.ExitCode);
            var lines = none.Error.TrimEnd().Split('\n');
            Assert.Equal("No handler could be loaded:", lines[0]);
            Assert.StartsWith($"  {helper}(1,", lines[1], StringComparison.Ordinal);
            Assert.StartsWith($"  {user}(1,", lines[2], StringComparison.Ordinal);
            Assert.Equal($"  {failing}: its constructor failed: no luck", lines[3]);
            Assert.Equal(4, lines.Length);
            Assert.DoesNotContain("   at ", none.Output, StringComparison.Ordinal);
        }

        var watched = await _tool.RunAsync("server", "start", "--watch");
        Assert.Equal((0, ""), (watched.ExitCode, watched.Error));
    }

    [Fact]
    public async Task A_module_runs_in_the_background_with_its_configuration_and_stops()
    {
        _tool.Write("modules/greeter.cs", """
            public sealed class Greeter : DuctsModule
            {
                public override async Task RunAsync(IModuleContext context, CancellationToken stopping)
                {
                    var name = context.Configuration["greeter:name"];
                    await context.Redis.ExecuteAsync("SET", "greeting", "hello");
                    context.Logger.LogInformation("greeting {Name}", name);
                    await Task.Delay(Timeout.Infinite, stopping);
                }
            }
            """);
        _tool.Write("config_greeter.ini", "[greeter]\nname = Ada\n");
        var started = await _tool.RunAsync("greeter", "start");
        Assert.Equal((0, ""), (started.ExitCode, started.Error));
        await Until.TrueAsync(() => File.ReadAllText(started.LogPath).Contains("[greeter] [INFO] greeting Ada", StringComparison.Ordinal), "the module's line");
        var status = await _tool.RunAsync("greeter", "status");
        Assert.StartsWith("Module greeter runs.\n", status.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await _tool.RunAsync("greeter", "stop")).ExitCode);
        Assert.Equal(3, (await _tool.RunAsync("greeter", "status")).ExitCode);
    }

    [Fact]
    public async Task A_module_that_does_not_compile_or_fails_says_why()
    {
        _tool.Write("modules/broken.cs", "public sealed class Broken : DuctsModule {\n");
        var broken = await _tool.RunAsync("broken", "start");
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("broken.cs(1,", broken.Error, StringComparison.Ordinal);

        _tool.Write("modules/failing.cs", """
            public sealed class Failing : DuctsModule
            {
                public override Task RunAsync(IModuleContext context, CancellationToken stopping) => throw new InvalidOperationException("out of luck");
            }
            """);
        var failing = await _tool.RunAsync("failing", "run");
        Assert.Equal((1, "Module failing has failed: out of luck\n"), (failing.ExitCode, failing.Error));
    }

    [Fact]
    public void Every_section_reaches_the_server()
    {
        var from = new DuctsOptions();
        var to = new DuctsOptions();
        DuctsApplication.Copy(from, to);
        Assert.All(typeof(DuctsOptions).GetProperties(), property => Assert.Same(property.GetValue(from), property.GetValue(to)));
    }

    private async Task<string> StartAsync()
    {
        var started = await _tool.RunAsync("server", "start");
        Assert.Equal((0, ""), (started.ExitCode, started.Error));
        return Address().Match((await _tool.RunAsync("server", "status")).Output).Value;
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/")]
    private static partial Regex Address();
}
