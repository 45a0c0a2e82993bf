using System.Runtime.InteropServices;

namespace Ducts.Configuration;

/// <summary>
/// Tells regular files from pipes, sockets and devices, which .NET does not: to open a pipe is to wait for whoever writes to it, and
/// a device has no end.
/// </summary>
// The Redis client has the like for its files, which it shares with others as source. That source cannot be a part of this assembly,
// too: the generator of OpenAPI descriptions collects what is documented of both, and finds the same names twice.
internal static partial class RegularFile
{
    private const int CurrentFolder = -100;
    private const uint TypeOnly = 1;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000;
    private const int Regular = 0x8000;

    /// <summary>Returns whether a path leads to a regular file, through symbolic links too.</summary>
    /// <returns>True also outside of Linux: only there the call has a result that looks the same on every processor.</returns>
    public static bool Is(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        Span<byte> buffer = stackalloc byte[256];
        return Statx(CurrentFolder, path, flags: 0, TypeOnly, ref MemoryMarshal.GetReference(buffer)) == 0
            && (MemoryMarshal.Read<ushort>(buffer[ModeOffset..]) & TypeMask) == Regular;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte buffer);
}
