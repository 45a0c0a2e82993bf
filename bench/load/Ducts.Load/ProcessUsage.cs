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

    // The first 15 characters, which is what Linux keeps of a thread's name.
    private const string CompilerThread = ".NET Tiered Com";

    public static ProcessUsage Read(int processId)
    {
        var ticks = ReadTicks($"/proc/{processId}/stat");
        var resident = File.ReadLines($"/proc/{processId}/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return new ProcessUsage(ticks * MicrosecondsPerTick, Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^2]));
    }

    /// <summary>Reads how long a .NET process has compiled hot methods again in the background; 0 where no thread does so now.</summary>
    public static double ReadCompilerMicroseconds(int processId)
    {
        var ticks = 0L;
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{processId}/task"))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd() == CompilerThread)
                    ticks += ReadTicks(Path.Combine(thread, "stat"));
            }
            catch (IOException)
            {
                // The thread has ended since it was listed.
            }
        }

        return ticks * MicrosecondsPerTick;
    }

    private static long ReadTicks(string path)
    {
        var stat = File.ReadAllText(path);
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return Parse(fields[UserField]) + Parse(fields[SystemField]);
    }

    private static long Parse(string number) => long.Parse(number, CultureInfo.InvariantCulture);
}
