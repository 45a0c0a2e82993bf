using System.Diagnostics;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Cluster;

/// <summary>A program that a test leaves running in its folder, and whose end is one of the things it watches.</summary>
internal sealed class BackgroundProgram : IDisposable
{
    private readonly Process _process;

    private BackgroundProgram(Process process, string logPath) => (_process, LogPath) = (process, logPath);

    public int Pid => _process.Id;

    public bool HasEnded => _process.HasExited;

    public string Log => File.ReadAllText(LogPath);

    private string LogPath { get; }

    /// <param name="folder">Where it works, and where what is left of it is killed.</param>
    /// <param name="environment">What is added to the folder's environment.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    public static BackgroundProgram Start(WorkingFolder folder, IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
    {
        var log = Path.Combine(Directory.CreateDirectory(folder.PathOf(".output")).FullName, $"{Guid.NewGuid():N}.log");
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$0\" \"$@\" >>'{log}' 2>&1 </dev/null", program, .. arguments]) { WorkingDirectory = folder.PathOf(folder.Current) };
        foreach (var (name, value) in folder.Environment.Concat(environment))
            start.Environment[name] = value;
        File.WriteAllText(log, "");
        return new BackgroundProgram(Process.Start(start)!, log);
    }

    /// <summary>Waits for what its log says, or fails with that where it ends before.</summary>
    public Task LogsAsync(string text) =>
        Until.TrueAsync(
            () => Log.Contains(text, StringComparison.Ordinal) || (HasEnded && !Log.Contains(text, StringComparison.Ordinal) ? throw new InvalidOperationException($"It ended before it said {text}:\n{Log}") : false),
            () => $"{text} in\n{Log}");

    public void Signal(string signal) => ProcessList.Signal(Pid, signal);

    public Task EndedAsync() => _process.WaitForExitAsync().WaitAsync(Until.Patience);

    public void Dispose() => _process.Dispose();
}
