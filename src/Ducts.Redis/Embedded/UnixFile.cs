using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Ducts.Redis.Embedded;

/// <summary>What the system says of a file that .NET does not tell: its owner, and which file it is.</summary>
/// <param name="Owner">The user id of its owner.</param>
/// <param name="Device">The device that it lies on.</param>
/// <param name="Inode">Its number there.</param>
internal readonly record struct UnixFile(uint Owner, ulong Device, ulong Inode)
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint BasicFields = 0x7ff;

    // struct statx of linux/stat.h, which is the same on all processors.
    private const int Size = 256;
    private const int OwnerOffset = 20;
    private const int InodeOffset = 32;
    private const int DeviceOffset = 136;

    /// <summary>Gets the user id that this process acts with.</summary>
    public static uint CurrentUser => GetEffectiveUser();

    /// <summary>Looks at a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="follow">Whether a link is followed, instead of being looked at itself.</param>
    /// <returns>Null if there is no such file, or the system does not tell.</returns>
    public static UnixFile? Find(string path, bool follow = false)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var buffer = new byte[Size];
        try
        {
            return Stat(CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), follow ? 0 : NoFollow, BasicFields, buffer) == 0
                ? new UnixFile(Read32(buffer, OwnerOffset), Read64(buffer, DeviceOffset), Read64(buffer, InodeOffset))
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            // An old C library.
            return null;
        }
    }

    private static uint Read32(byte[] buffer, int offset) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(offset)) : BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(offset));

    private static ulong Read64(byte[] buffer, int offset) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(offset)) : BinaryPrimitives.ReadUInt64BigEndian(buffer.AsSpan(offset));

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetEffectiveUser();

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(int folder, byte[] path, int flags, uint mask, byte[] buffer);
}
