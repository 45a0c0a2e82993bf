using System.Diagnostics;
using System.Globalization;

namespace Ducts.Redis.Bench;

/// <summary>redis-benchmark, the practical limit: one connection, so many commands in flight.</summary>
internal static class Reference
{
    public static async Task<Measurement> RunAsync(string socket, int pipeline, int count, string[] command)
    {
        // The shell tells what its children took.
        var start = new ProcessStartInfo("sh", ["-c", "\"$@\"; times", "sh", "redis-benchmark", "-s", socket, "-c", "1", "-P", $"{pipeline}", "-n", $"{count}", "--csv", .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await errors;
        await process.WaitForExitAsync();

        // "test","rps",… then a line of figures, then two lines of times: the shell's, its children's.
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var line = lines[^3];
        var rate = double.Parse(line.Split("\",\"")[1].Trim('"'), CultureInfo.InvariantCulture);
        return new Measurement(rate, lines[^1].Split(' ').Sum(Seconds) * 1e6 / count, 0);
    }

    /// <summary>Reads 1m2.345s.</summary>
    private static double Seconds(string text)
    {
        var parts = text.TrimEnd('s').Split('m');
        return (double.Parse(parts[0], CultureInfo.InvariantCulture) * 60) + double.Parse(parts[1], CultureInfo.InvariantCulture);
    }
}
