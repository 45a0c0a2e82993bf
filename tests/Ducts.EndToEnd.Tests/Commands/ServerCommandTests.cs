using System.Net.Http.Json;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Commands;

/// <summary>The command from an empty folder on, with no Redis running.</summary>
public sealed class ServerCommandTests : IAsyncLifetime
{
    private static readonly HttpClient Http = new() { Timeout = Until.Patience };

    private readonly WorkingFolder _folder = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await _folder.DisposeAsync();

    [Fact]
    public async Task A_new_folder_starts_tells_its_status_and_stops_with_its_redis()
    {
        Assert.Equal(0, (await _folder.DuctsAsync("new", "app")).ExitCode);
        _folder.Current = "app";
        Assert.Equal(3, (await _folder.DuctsAsync("server", "status")).ExitCode);

        var first = await _folder.StartServerAsync();
        Assert.Equal("", first.Error);
        Assert.Contains("[ducts.event.manager] [INFO] LOADED|EVENTS=", _folder.Log, StringComparison.Ordinal);
        var events = await Http.GetFromJsonAsync<Dictionary<string, int>>(new Uri(_folder.Address!, "ducts/api/v1/event"));
        Assert.Equal((1000, 1001), (events!["HELLO"], events["COUNT"]));

        var status = await _folder.DuctsAsync("server", "status");
        Assert.Equal(0, status.ExitCode);
        Assert.Contains($"address   {_folder.Address}", status.Output, StringComparison.Ordinal);
        Assert.Contains("redis     connected", status.Output, StringComparison.Ordinal);
        Assert.Equal(2, ProcessList.Of(_folder.Path).Count);
        Assert.Single(ProcessList.Named(_folder.Path, "redis-server"));

        var again = await _folder.DuctsAsync("server", "start");
        Assert.Equal(1, again.ExitCode);
        Assert.StartsWith("The server runs already, as process ", again.Error, StringComparison.Ordinal);
        Assert.Equal(2, ProcessList.Of(_folder.Path).Count);

        var stopped = await _folder.DuctsAsync("server", "stop");
        Assert.Equal((0, ""), (stopped.ExitCode, stopped.Error));
        Assert.Empty(ProcessList.Of(_folder.Path));
        Assert.Equal(3, (await _folder.DuctsAsync("server", "status")).ExitCode);
        Assert.DoesNotContain("Unhandled", _folder.Log + await File.ReadAllTextAsync(first.LogPath + ".err"), StringComparison.Ordinal);

        var second = await _folder.StartServerAsync();
        Assert.DoesNotContain("COMPILED", _folder.Log, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper!.WriteLine($"first start {first.Elapsed.TotalMilliseconds:F0} ms, second {second.Elapsed.TotalMilliseconds:F0} ms, stop {stopped.Elapsed.TotalMilliseconds:F0} ms");
    }

    [Fact]
    public async Task On_a_terminal_the_log_is_seen_the_prompt_comes_back_and_closing_it_ends_no_server()
    {
        var terminal = await _folder.RunAsync(RequiredProgram.Script, "-q", "-e", "-c", $"'{Repository.Ducts}' server start && echo 'the prompt'", "/dev/null");
        Assert.True(terminal.ExitCode == 0, terminal.ToString());
        Assert.Matches(@"\[ducts\.server\.httpd\] \[NOTICE\] START\|SOCKET=\('127\.0\.0\.1', \d+\)(?s).*the prompt", terminal.Output);

        // Its terminal is gone by now; what it logs has nowhere to go, and it answers all the same.
        var status = await _folder.DuctsAsync("server", "status");
        Assert.True(status.ExitCode == 0, status.ToString());
        var address = new Uri(status.Output.Split('\n').Single(static line => line.StartsWith("address", StringComparison.Ordinal)).Split(' ')[^1]);
        Assert.Contains("websocket_url", await Http.GetStringAsync(new Uri(address, "ducts/wsd?uuid=test")), StringComparison.Ordinal);
        var stopped = await _folder.DuctsAsync("server", "stop");
        Assert.Equal((0, ""), (stopped.ExitCode, stopped.Error));
        Assert.Empty(ProcessList.Of(_folder.Path));
    }

    [Fact]
    public async Task After_a_kill_the_next_start_has_the_same_data_and_leaves_no_process_behind()
    {
        _folder.CopyFrom(Repository.OwnPath("Handlers"), "handler");
        await _folder.StartServerAsync();
        Assert.Equal("\"over the crash\"\n", await CallAsync("KEEP", """{"key":"E2E/KEPT","value":"over the crash"}"""));

        var server = Assert.Single(ProcessList.Named(_folder.Path, "server run"));
        ProcessList.Signal(ProcessList.PidOf(server), "KILL");
        await Until.TrueAsync(() => ProcessList.Named(_folder.Path, "server run").Count == 0, () => "the end of the killed server");
        Assert.Equal(3, (await _folder.DuctsAsync("server", "status")).ExitCode);

        await _folder.StartServerAsync();
        Assert.Equal("\"over the crash\"\n", await CallAsync("KEEP", """{"key":"E2E/KEPT"}"""));
        Assert.Single(ProcessList.Named(_folder.Path, "server run"));
        Assert.Single(ProcessList.Named(_folder.Path, "redis-server"));

        Assert.Equal(0, (await _folder.DuctsAsync("server", "stop")).ExitCode);
        Assert.Empty(ProcessList.Of(_folder.Path));
    }

    [Fact]
    public async Task A_handler_with_a_syntax_error_is_named_with_file_and_line_and_the_others_answer()
    {
        _folder.Write("handler/evt_1000_good.cs", "public sealed class Good : DuctsHandler\n{\n    public string Handle() => \"good\";\n}\n");
        _folder.Write("handler/evt_1001_bad.cs", "public sealed class Bad : DuctsHandler\n{\n    public string Handle() => \"bad\"\n}\n");
        await _folder.StartServerAsync();
        Assert.Matches(@"handler/evt_1001_bad\.cs.3,\d+.*; expected", _folder.Log);
        var events = await Http.GetFromJsonAsync<Dictionary<string, int>>(new Uri(_folder.Address!, "ducts/api/v1/event"));
        Assert.Equal(1000, events!["GOOD"]);
        Assert.DoesNotContain("BAD", events.Keys);
        Assert.Equal(0, (await _folder.DuctsAsync("server", "stop")).ExitCode);

        _folder.Write("config_server.ini", "[ducts.event_config]\nstrict = True\n");
        var strict = await _folder.DuctsAsync("server", "start");
        Assert.Equal(1, strict.ExitCode);
        Assert.Matches(@"evt_1001_bad\.cs.3,\d+.*; expected", strict.Output + strict.Error);
        Assert.Empty(ProcessList.Of(_folder.Path));
    }

    [Theory]
    [InlineData("[web_socket_server]\n\nping_pong_interval = often\n", "config_server.ini(3)", "often", "expected")]
    [InlineData("[ducts.auth_config]\nallowed_origins = [\"a\"\n", "config_server.ini(2)", "allowed_origins", "expected")]
    [InlineData("[ducts.event_config]\nreload = perhaps\n", "config_server.ini(2)", "perhaps", "expected")]
    [InlineData("httpd_port = 1\n", "config_server.ini(1)", "section", "")]
    [InlineData("[ducts.event_config]\nthis is no option\n", "config_server.ini(2)", "this is no option", "")]
    [InlineData("[ducts.event_config\n", "config_server.ini(1)", "[ducts.event_config", "")]
    [InlineData("\u0000\u0001\u0002\ufffd\n", "config_server.ini(1)", "", "")]
    public async Task A_faulty_configuration_is_told_with_file_line_and_what_was_expected(string text, params string[] parts)
    {
        _folder.Write("config_server.ini", text);
        var started = await _folder.DuctsAsync("server", "start");
        Assert.Equal(1, started.ExitCode);
        foreach (var part in parts)
            Assert.Contains(part, started.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", started.Error, StringComparison.Ordinal);
        Assert.Empty(ProcessList.Of(_folder.Path));

        var check = await _folder.DuctsAsync("config", "check");
        Assert.Equal(1, check.ExitCode);
        Assert.Contains(parts[0], check.Output + check.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_config_prints_is_read_with_its_values_changed_and_its_comment_signs_removed()
    {
        var printed = await _folder.DuctsAsync("config");
        Assert.Equal(0, printed.ExitCode);
        // Every option uncommented, as someone does who wants to see them all in use.
        var options = printed.Output.Split('\n').Select(static line => System.Text.RegularExpressions.Regex.Replace(line, @"^# (\w+ = )", "$1"));
        _folder.Write("config_server.ini", string.Join('\n', options).Replace("root_path_ducts = /ducts/", "root_path_ducts = /changed/", StringComparison.Ordinal));
        await _folder.StartServerAsync();
        using var answer = await Http.GetAsync(new Uri(_folder.Address!, "changed/wsd?uuid=test"));
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("sevrer start", "did you mean server?")]
    [InlineData("server start --wacht", "did you mean --watch?")]
    [InlineData("server start -c missing.ini", "missing.ini: no such file")]
    [InlineData("bot start", "modules/bot.cs")]
    [InlineData("--nonsense", "--nonsense")]
    [InlineData("events not-an-address", "not-an-address")]
    public async Task An_unknown_command_line_says_what_is_wrong_and_starts_nothing(string line, string message)
    {
        var result = await _folder.DuctsAsync(line.Split(' '));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Empty(ProcessList.Of(_folder.Path));
    }

    private async Task<string> CallAsync(string key, string data)
    {
        var result = await _folder.RunAsync(RequiredProgram.Python, Repository.OwnPath("python/client.py"), _folder.Address!.AbsoluteUri, key, data);
        Assert.True(result.ExitCode == 0, $"{key} {data}: {result}");
        return result.Output;
    }
}
