using Ducts.Redis.Ownership;
using Microsoft.Win32.SafeHandles;

namespace Ducts.Cli.Processes;

/// <summary>
/// Standard output and error where a shell has opened a file for them. A server and the commands that restart it write to the
/// same file, each from a place of its own unless the file is opened for appending, which a shell does for <c>&gt;&gt;</c> only: their
/// lines would overwrite each other, and zeros would fill what a second <c>&gt;</c> has cut off.
/// </summary>
internal static class RedirectedOutput
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;
    private const int GetStatusFlags = 3;
    private const int SetStatusFlags = 4;
    private const int AppendFlag = 0x400;

    /// <summary>Makes each write go to the end of the file.</summary>
    public static void Append()
    {
        // Elsewhere fcntl's arguments are passed differently.
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Append(StandardOutput);
        Append(StandardError);
    }

    private static void Append(int descriptor)
    {
        try
        {
            using var file = new SafeFileHandle(descriptor, ownsHandle: false);
            var flags = FileFacts.Of(file).Kind == FileKind.File ? Native.Fcntl(descriptor, GetStatusFlags, 0) : -1;
            if (flags >= 0 && (flags & AppendFlag) == 0)
            {
                _ = Native.Fcntl(descriptor, SetStatusFlags, flags | AppendFlag);
            }
        }
        catch (IOException)
        {
            // The descriptor is closed: there is no output.
        }
    }
}
