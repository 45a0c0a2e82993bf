using System.Diagnostics;
using System.Runtime;
using System.Text.Json;
using Ducts.Handlers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.Scripting.Tests;

/// <summary>Loads a folder in a process of its own.</summary>
internal static class Probe
{
    public static async Task<int> RunAsync(string home)
    {
        var options = new DuctsOptions { Common = { DuctsHome = home } };
        var started = Stopwatch.GetTimestamp();
        var settings = HandlerFolderSettings.From(options);
        var startup = await new StartupFileLoader(home, NullLogger.Instance).LoadAsync(settings.Folder);
        await using var source = new HandlerFolderSource(settings, TimeProvider.System, NullLogger.Instance, startup: startup);
        var set = await source.LoadAsync(CancellationToken.None);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var loaded = AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name!);
        var report = new ProbeReport(
            set.Candidates.Select(candidate => candidate.Key).ToArray(),
            set.Problems.Select(problem => problem.ToString()).ToArray(),
            loaded.Where(name => name.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)).ToArray(),
            elapsed.TotalMilliseconds,
            JitInfo.GetCompiledMethodCount(),
            JitInfo.GetCompilationTime().TotalMilliseconds,
            Environment.CpuUsage.TotalTime.TotalMilliseconds);
        Console.WriteLine(JsonSerializer.Serialize(report));
        return 0;
    }

    /// <summary>Runs the probe in a new process.</summary>
    public static async Task<ProbeReport> StartAsync(string home)
    {
        var start = new ProcessStartInfo(DotnetPath, [typeof(Probe).Assembly.Location, "probe", home]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return JsonSerializer.Deserialize<ProbeReport>(output)!;
    }

    private static string DotnetPath =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
}

/// <summary>What the probe has to say.</summary>
internal sealed record ProbeReport(
    string[] Keys,
    string[] Problems,
    string[] CompilerAssemblies,
    double LoadMilliseconds,
    long JitMethods,
    double JitMilliseconds,
    double CpuMilliseconds);
