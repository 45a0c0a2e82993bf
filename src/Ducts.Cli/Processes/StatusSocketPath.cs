using System.Security.Cryptography;
using System.Text;

namespace Ducts.Cli.Processes;

/// <summary>Where the status socket lies: beside the pid file, or elsewhere when that path is too long for a socket.</summary>
internal static class StatusSocketPath
{
    /// <summary>The shortest of the systems' limits, 104 bytes on macOS, less the end of the string.</summary>
    private const int MaxBytes = 103;

    public static string For(string pidPath)
    {
        var beside = Path.ChangeExtension(pidPath, ".sock");
        if (Encoding.UTF8.GetByteCount(beside) <= MaxBytes)
            return beside;
        var folder = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 and < 60 } runtime ? runtime : "/tmp";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pidPath)).AsSpan(0, 12));
        return Path.Combine(folder, $"ducts-{hash}.sock");
    }
}
