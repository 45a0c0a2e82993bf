using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ducts.Redis.Ownership;
using Ducts.Scripting.Ownership;

namespace Ducts.Cli.Processes;

/// <summary>
/// Where the status socket lies: beside the pid file, or in a folder of its owner's in <c>/tmp</c> when that path is too long
/// for a socket. Server and <c>status</c> compute it alike, whatever their environments are.
/// </summary>
internal static class StatusSocketPath
{
    /// <summary>The shortest of the systems' limits, 104 bytes on macOS, less the end of the string.</summary>
    private const int MaxBytes = 103;

    /// <summary>Returns the path of the socket.</summary>
    /// <param name="pidPath">The path of the pid file.</param>
    /// <param name="owner">The user that the pid file belongs to.</param>
    public static string For(string pidPath, uint owner)
    {
        var beside = Path.ChangeExtension(pidPath, ".sock");
        if (Encoding.UTF8.GetByteCount(beside) <= MaxBytes)
        {
            return beside;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pidPath)).AsSpan(0, 12));
        return string.Create(CultureInfo.InvariantCulture, $"/tmp/ducts-{owner}/{hash}.sock");
    }

    /// <summary>Makes the folder of a socket, and room for the socket.</summary>
    /// <returns>Null, or why no socket can be there.</returns>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not make it.</exception>
    public static string? Prepare(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (PrivateFolder.Prepare(folder, isOwn: folder.StartsWith("/tmp/ducts-", StringComparison.Ordinal)) is { } problem)
        {
            return problem;
        }

        if (FileFacts.AreKnown && FileFacts.Of(path) is { Kind: not FileKind.Socket })
        {
            return $"{path} is there and is no socket: move it elsewhere.";
        }

        File.Delete(path);
        return null;
    }

    /// <summary>Whether the socket of a path is one that a user has made.</summary>
    public static bool IsOf(string path, uint owner) =>
        !FileFacts.AreKnown || FileFacts.Of(path) is { Kind: FileKind.Socket } socket && socket.Owner == owner;
}
