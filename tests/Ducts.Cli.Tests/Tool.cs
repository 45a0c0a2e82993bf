using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Ducts.Cli;

/// <summary>The command as a user runs it: a process, in a folder of the test's own.</summary>
internal sealed class Tool : IAsyncDisposable
{
    /// <summary>Generous: only a hang reaches it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public Tool()
    {
        Folder = Directory.CreateTempSubdirectory("ducts-cli-").FullName;
        Environment["DUCTS_SERVER__HTTPD_PORT"] = "0";
        Environment["DUCTS_SERVER__HTTPD_ADDR"] = "127.0.0.1";
        Environment["DUCTS_REDIS__REDIS_EMBEDDED"] = "always";
    }

    public static string Program => Path.Combine(AppContext.BaseDirectory, "ducts");

    public string Folder { get; }

    public Dictionary<string, string> Environment { get; } = [];

    public string PidFile => Path.Combine(Folder, ".pid", "server_ducts.pid");

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public async Task<ToolResult> RunAsync(params string[] args)
    {
        // A server in the background holds its log open; a file takes that without waiting for its end.
        var log = Path.Combine(Folder, $"output-{Guid.NewGuid():N}.log");
        var errors = log + ".err";
        var start = Shell(args, $">'{log}' 2>'{errors}' </dev/null");
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(await DescribeHangAsync(process, args));
        }
        return new ToolResult(process.ExitCode, await File.ReadAllTextAsync(log), await File.ReadAllTextAsync(errors), log);
    }

    /// <summary>Starts the command and leaves it running, its output in pipes.</summary>
    public Process Start(params string[] args)
    {
        var start = new ProcessStartInfo(Program, args) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs a line of shell with <c>$DUCTS</c> standing for the command.</summary>
    public async Task<ToolResult> ShellAsync(string line, TimeSpan? limit = null)
    {
        var start = Shell([], "");
        start.ArgumentList[1] = line;
        start.Environment["DUCTS"] = Program;
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(limit ?? Patience);
        var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return new ToolResult(process.ExitCode, output, "", "");
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(PidFile))
            await RunAsync("server", "stop");
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>What is needed to find the cause of a hang that comes once in a thousand runs.</summary>
    private async Task<string> DescribeHangAsync(Process process, string[] args)
    {
        var report = new StringBuilder();
        report.AppendLine(CultureInfo.InvariantCulture, $"ducts {string.Join(' ', args)}, process {process.Id}, has not ended after {Patience}; HasExited: {process.HasExited}.");
        foreach (var folder in Directory.GetDirectories("/proc").Where(static folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            try
            {
                if (new FileInfo(Path.Combine(folder, "cwd")).LinkTarget?.StartsWith(Folder, StringComparison.Ordinal) != true)
                    continue;
                report.AppendLine((await File.ReadAllTextAsync(Path.Combine(folder, "cmdline"))).Replace('\0', ' '));
                foreach (var thread in Directory.GetDirectories(Path.Combine(folder, "task")))
                {
                    var name = await File.ReadAllTextAsync(Path.Combine(thread, "comm"));
                    report.AppendLine(CultureInfo.InvariantCulture, $"  {Path.GetFileName(thread)} {name.Trim()}: {await File.ReadAllTextAsync(Path.Combine(thread, "wchan"))}");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile.
            }
        }
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Where(static file => file.EndsWith(".log", StringComparison.Ordinal) || file.EndsWith(".err", StringComparison.Ordinal)))
            report.AppendLine(CultureInfo.InvariantCulture, $"== {file}\n{await File.ReadAllTextAsync(file)}");
        return report.ToString();
    }

    private ProcessStartInfo Shell(string[] args, string redirection)
    {
        var words = string.Join(' ', args.Select(static arg => $"'{arg}'"));
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = Folder };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec '{Program}' {words} {redirection}");
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return start;
    }
}
