using System.Diagnostics;

namespace Ducts.Docs.Blocks;

/// <summary>Runs the programs that check or execute blocks.</summary>
internal static class Programs
{
    /// <summary>Generous: only a hang reaches it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, and what it wrote to both outputs.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        // A server in the background holds its output open, and a pipe would wait for its end: a file does not.
        var log = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >\"$LOG\" 2>&1 </dev/null", "sh", program, .. arguments])
            {
                WorkingDirectory = folder ?? Path.GetTempPath(),
            };
            start.Environment["LOG"] = log;
            // Where the build puts the command under test.
            start.Environment["PATH"] = AppContext.BaseDirectory + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
            foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            {
                start.Environment[name] = value;
            }

            using var process = Process.Start(start)!;
            using var patience = new CancellationTokenSource(Patience);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await File.ReadAllTextAsync(log));
        }
        finally
        {
            File.Delete(log);
        }
    }
}
