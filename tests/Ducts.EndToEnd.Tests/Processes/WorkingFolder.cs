using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Ducts.EndToEnd.Processes;

/// <summary>A folder of a test's own, and the command as a user types it there. Everything it started ends with it.</summary>
internal sealed partial class WorkingFolder : IAsyncDisposable
{
    public WorkingFolder()
    {
        Path = Directory.CreateTempSubdirectory("ducts-e2e-").FullName;
        Environment["DUCTS_SERVER__HTTPD_PORT"] = "0";
        Environment["DUCTS_SERVER__HTTPD_ADDR"] = "127.0.0.1";
        // A Redis of the machine's, if there is one, is not the tests' to write to.
        Environment["DUCTS_REDIS__REDIS_EMBEDDED"] = "always";
        _ = RequiredProgram.Redis;
    }

    public string Path { get; }

    /// <summary>Where commands run, as after <c>cd</c>: this folder, or one below it.</summary>
    public string Current { get; set; } = "";

    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>How many files a program may have open; null for as many as the tests may.</summary>
    public int? OpenFiles { get; set; }

    /// <summary>How long a program may run.</summary>
    public TimeSpan Patience { get; set; } = Until.Patience;

    /// <summary>Where the server listens, as its log says.</summary>
    public Uri? Address { get; private set; }

    /// <summary>What the last server wrote so far.</summary>
    public string Log => File.Exists(LogPath) ? File.ReadAllText(LogPath) : "";

    private string LogPath { get; set; } = "";

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    public void CopyFrom(string folder, string to = "") => Repository.CopyFolder(folder, PathOf(to));

    /// <summary>Runs the command to its end, or until it returns and leaves a server running.</summary>
    public Task<CommandResult> DuctsAsync(params string[] args) => RunAsync(Repository.Ducts, args);

    /// <summary>Starts the server in the background and reads where it listens.</summary>
    public async Task<CommandResult> StartServerAsync(params string[] options)
    {
        var started = await DuctsAsync(["server", "start", .. options]);
        Assert.True(started.ExitCode == 0, $"The server did not start: {started}");
        LogPath = started.LogPath;
        await Until.TrueAsync(() => Started().IsMatch(Log), () => $"the START line in\n{Log}");
        Address = new Uri($"http://127.0.0.1:{Started().Match(Log).Groups[1].Value}/");
        TestContext.Current.SendDiagnosticMessage("started in {0:F0} ms", started.Elapsed.TotalMilliseconds);
        return started;
    }

    /// <summary>Runs any program in this folder.</summary>
    public async Task<CommandResult> RunAsync(string program, params string[] args)
    {
        // A server in the background holds its output open; a file, unlike a pipe, needs no reader until its end.
        var log = System.IO.Path.Combine(Directory.CreateDirectory(PathOf(".output")).FullName, $"{Guid.NewGuid():N}.log");
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"{(OpenFiles is { } files ? $"ulimit -n {files}; " : "")}exec \"$0\" \"$@\" >'{log}' 2>'{log}.err' </dev/null", program, .. args]) { WorkingDirectory = PathOf(Current) };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        var begin = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', args)} did not return.\n{await File.ReadAllTextAsync(log)}\n{await File.ReadAllTextAsync(log + ".err")}");
        }
        return new CommandResult(process.ExitCode, await File.ReadAllTextAsync(log), await File.ReadAllTextAsync(log + ".err"), log, TimeProvider.System.GetElapsedTime(begin));
    }

    public async ValueTask DisposeAsync()
    {
        // By the folder, not by the pid file: a test may have broken that.
        using var patience = new CancellationTokenSource(Until.Patience);
        while (ProcessList.Of(Path) is { Count: > 0 } running && !patience.IsCancellationRequested)
        {
            foreach (var line in running)
                ProcessList.Signal(ProcessList.PidOf(line), "KILL");
            await Task.Delay(10);
        }
        Directory.Delete(Path, recursive: true);
    }

    [GeneratedRegex(@"START\|SOCKET=\('127\.0\.0\.1', (\d+)\)")]
    private static partial Regex Started();
}
