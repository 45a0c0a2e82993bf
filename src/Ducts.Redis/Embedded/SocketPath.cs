using System.Security.Cryptography;
using System.Text;

namespace Ducts.Redis.Embedded;

/// <summary>Where the embedded server's socket is: in its folder, or, where that path is too long for a socket, in a private folder under a name made of it.</summary>
internal static class SocketPath
{
    /// <summary>sockaddr_un has room for 107 bytes on Linux and 103 on macOS and BSD.</summary>
    private const int MaxBytes = 103;

    public static string For(string folder)
    {
        var path = Path.Combine(folder, "redis.sock");
        if (Encoding.UTF8.GetByteCount(path) <= MaxBytes)
        {
            return path;
        }

        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)).AsSpan(0, 8)) + ".sock";
        return Path.Combine(SharedFolder(), name);
    }

    private static string SharedFolder()
    {
        // The runtime folder of a login is private already; a folder of our own in it or in the temporary one is made so.
        var parent = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        if (string.IsNullOrEmpty(parent) || !Directory.Exists(parent) || Encoding.UTF8.GetByteCount(parent) > 60)
        {
            parent = Path.GetTempPath();
            parent = Encoding.UTF8.GetByteCount(parent) > 60 ? "/tmp" : parent;
        }

        return PrivateFolder.PrepareShared(Path.Combine(parent, "redis-" + Environment.UserName));
    }
}
