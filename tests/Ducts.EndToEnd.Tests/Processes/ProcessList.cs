using System.Diagnostics;

namespace Ducts.EndToEnd.Processes;

/// <summary>Which processes belong to a folder, as /proc has it.</summary>
internal static class ProcessList
{
    /// <summary>The processes that work in a folder or name it on their command line, each as "number command line".</summary>
    public static IReadOnlyList<string> Of(string folder)
    {
        List<string> found = [];
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(static path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                var commandLine = File.ReadAllText($"{process}/cmdline").Replace('\0', ' ').Trim();
                var workingFolder = File.ResolveLinkTarget($"{process}/cwd", returnFinalTarget: false)?.FullName ?? "";
                // What has ended and is not yet collected has no command line.
                if (commandLine.Length > 0 && (workingFolder.StartsWith(folder, StringComparison.Ordinal) || commandLine.Contains(folder, StringComparison.Ordinal)))
                    found.Add($"{Path.GetFileName(process)} {commandLine}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile.
            }
        }
        return found;
    }

    public static IReadOnlyList<string> Named(string folder, string program) =>
        [.. Of(folder).Where(line => line.Contains(program, StringComparison.Ordinal))];

    public static int PidOf(string line) => int.Parse(line.Split(' ')[0]);

    public static void Signal(int pid, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{pid}"]);
        kill.WaitForExit();
    }
}
