using System.Runtime.InteropServices;

namespace Ducts.Connections;

/// <summary>Finds how many files and sockets this process may have open.</summary>
internal static class OpenFiles
{
    private const int LinuxNumberOfFiles = 7;
    private const int OtherNumberOfFiles = 8;

    private const int UsualCount = 256;

    /// <summary>Returns the limit that the system has set (<c>ulimit -n</c>); null where there is none, as on Windows.</summary>
    public static long? FindLimit()
    {
        if (OperatingSystem.IsWindows())
            return null;
        try
        {
            var resource = OperatingSystem.IsLinux() ? LinuxNumberOfFiles : OtherNumberOfFiles;
            return GetLimit(resource, out var limit) == 0 && limit.Current <= int.MaxValue ? (long)limit.Current : null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Returns how many this process has open now; a usual number where the system does not tell.</summary>
    public static int Count()
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(OperatingSystem.IsLinux() ? "/proc/self/fd" : "/dev/fd").Count();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return UsualCount;
        }
    }

    [DllImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public nuint Current;
        public nuint Most;
    }
}
