using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Ducts.Redis.Ownership;

/// <summary>What the file system says of a file: who owns it, who else may do what with it, what it is.</summary>
/// <param name="Owner">The user id of the owner.</param>
/// <param name="Mode">The permissions.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="Identity">The device that it lies on and its number there: which file it is, whatever its name.</param>
internal readonly partial record struct FileFacts(uint Owner, UnixFileMode Mode, FileKind Kind, uint Links, (ulong Device, ulong Inode) Identity)
{
    private const int CurrentFolder = -100;
    private const int EmptyPath = 0x1000;
    private const int NoFollow = 0x100;
    private const uint BasicStatistics = 0x7ff;
    private const int NoEntry = 2;
    private const int AccessDenied = 13;
    private const int NotAFolder = 20;

    /// <summary>Whether owners can be told. Only Linux has a call for it whose result looks the same on every processor.</summary>
    [SupportedOSPlatformGuard("linux")]
    public static bool AreKnown => OperatingSystem.IsLinux();

    /// <summary>The user that the kernel takes this process for.</summary>
    public static uint CurrentUser => GetEffectiveUser();

    public bool IsWritableByOthers => (Mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;

    /// <summary>Whether a file of this owner may be believed: nobody but this user, and root, could have made it.</summary>
    public bool IsOurs => Owner == 0 || Owner == CurrentUser;

    /// <summary>Returns the facts of a path; null if there is nothing.</summary>
    /// <param name="path">The path.</param>
    /// <param name="follow">Whether a symbolic link stands for what it leads to, instead of for itself.</param>
    /// <exception cref="IOException">The file system does not say.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not look there.</exception>
    public static FileFacts? Of(string path, bool follow = false)
    {
        Span<byte> buffer = stackalloc byte[256];
        if (Statx(CurrentFolder, path, follow ? 0 : NoFollow, BasicStatistics, ref MemoryMarshal.GetReference(buffer)) == 0)
        {
            return Read(buffer);
        }

        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            NoEntry or NotAFolder => null,
            AccessDenied => throw new UnauthorizedAccessException($"Access to the path '{path}' is denied."),
            _ => throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}"),
        };
    }

    /// <summary>
    /// Returns whether a path leads to a regular file. To open a pipe is to wait for whoever writes to it, and a device has no end.
    /// </summary>
    /// <returns>True also where the file system cannot be asked; see <see cref="AreKnown"/>.</returns>
    public static bool IsRegular(string path)
    {
        try
        {
            return !AreKnown || Of(path, follow: true) is { Kind: FileKind.File };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Returns the facts of an open file, which stay true whatever happens to its name.</summary>
    /// <exception cref="IOException">The file system does not say.</exception>
    public static FileFacts Of(SafeFileHandle file)
    {
        Span<byte> buffer = stackalloc byte[256];
        var added = false;
        try
        {
            file.DangerousAddRef(ref added);
            return Statx((int)file.DangerousGetHandle(), "", EmptyPath, BasicStatistics, ref MemoryMarshal.GetReference(buffer)) == 0
                ? Read(buffer)
                : throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        }
        finally
        {
            if (added)
            {
                file.DangerousRelease();
            }
        }
    }

    private static FileFacts Read(ReadOnlySpan<byte> statx)
    {
        var mode = MemoryMarshal.Read<ushort>(statx[28..]);
        var kind = (mode & 0xf000) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Folder,
            0xa000 => FileKind.Link,
            0xc000 => FileKind.Socket,
            _ => FileKind.Other,
        };
        return new FileFacts(
            MemoryMarshal.Read<uint>(statx[20..]),
            (UnixFileMode)(mode & 0xfff),
            kind,
            MemoryMarshal.Read<uint>(statx[16..]),
            (MemoryMarshal.Read<ulong>(statx[136..]), MemoryMarshal.Read<ulong>(statx[32..])));
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte buffer);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();
}

/// <summary>Specifies what a name in the file system stands for.</summary>
internal enum FileKind
{
    /// <summary>A device, a pipe.</summary>
    Other,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A socket.</summary>
    Socket,
}
