using System.Diagnostics;
using System.Globalization;

namespace Ducts.Cli.Processes;

/// <summary>Tells a process from a later one that was given the same number.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="Started">When it started, in the system's own count.</param>
/// <param name="Boot">Which start of the machine that count belongs to; empty where the count is a date.</param>
internal sealed record ProcessIdentity(int Pid, long Started, string Boot)
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>The position of the start time after the name's closing parenthesis (field 22 of proc_pid_stat(5)).</summary>
    private const int StartTimeField = 19;

    public bool IsAlive => Of(Pid) == this;

    public static ProcessIdentity Current => Of(Environment.ProcessId)
        ?? throw new InvalidOperationException("This process cannot be found in the list of processes.");

    /// <summary>The user that a process acts as; null where there is none of the number, or the system does not say.</summary>
    public static uint? OwnerOf(int pid)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            // The folder in /proc belongs to root where a process may not be dumped; this line tells the truth.
            const string Line = "Uid:";
            var users = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"))
                .First(static line => line.StartsWith(Line, StringComparison.Ordinal))[Line.Length..]
                .Split('\t', StringSplitOptions.RemoveEmptyEntries);
            return uint.Parse(users[1], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The process of a number; null when there is none, or only its remains.</summary>
    public static ProcessIdentity? Of(int pid) => pid <= 0 ? null : OperatingSystem.IsLinux() ? OnLinux(pid) : Elsewhere(pid);

    private static ProcessIdentity? OnLinux(int pid)
    {
        try
        {
            // The name in parentheses may hold anything, so counting begins after the last one.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X"
                ? null
                : new ProcessIdentity(pid, long.Parse(fields[StartTimeField], CultureInfo.InvariantCulture), File.ReadAllText(BootIdFile).Trim());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static ProcessIdentity? Elsewhere(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.HasExited ? null : new ProcessIdentity(pid, process.StartTime.ToUniversalTime().Ticks, "");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
