using System.Globalization;

namespace Ducts.Load;

/// <summary>What a process has used so far, as Linux counts it.</summary>
/// <param name="CpuMicroseconds">User and system time of all its threads, those that have ended too.</param>
/// <param name="ResidentKiB">Memory that is resident.</param>
internal readonly record struct ProcessUsage(double CpuMicroseconds, long ResidentKiB)
{
    // USER_HZ: what /proc counts in, the same on all architectures that .NET runs on.
    private const double MicrosecondsPerTick = 10_000;

    // Fields of /proc/PID/stat after the command's closing parenthesis; proc(5) numbers them from 3.
    private const int UserField = 14 - 3;
    private const int SystemField = 15 - 3;

    public static ProcessUsage Read(int processId)
    {
        var stat = File.ReadAllText($"/proc/{processId}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = Parse(fields[UserField]) + Parse(fields[SystemField]);
        var resident = File.ReadLines($"/proc/{processId}/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return new ProcessUsage(ticks * MicrosecondsPerTick, Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^2]));
    }

    private static long Parse(string number) => long.Parse(number, CultureInfo.InvariantCulture);
}
