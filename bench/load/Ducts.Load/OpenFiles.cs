using System.Globalization;

namespace Ducts.Load;

/// <summary>How many files, sockets among them, a process may have open.</summary>
internal static class OpenFiles
{
    /// <summary>The limit of this process, which those that it starts inherit; without /proc, no limit is known.</summary>
    public static int Limit()
    {
        const string Limits = "/proc/self/limits";
        const string Name = "Max open files";
        if (!File.Exists(Limits))
            return int.MaxValue;
        var line = File.ReadLines(Limits).First(static line => line.StartsWith(Name, StringComparison.Ordinal));
        var soft = line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? limit : int.MaxValue;
    }
}
