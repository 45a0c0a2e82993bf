using System.Buffers;
using System.Security.Cryptography;
using Ducts.Redis.Ownership;

namespace Ducts.Scripting.Files;

/// <summary>Takes what a file holds into a hash, piece by piece.</summary>
internal static class ContentHash
{
    private const int PieceSize = 64 * 1024;

    /// <summary>Adds a file's content.</summary>
    /// <returns>False when it cannot be read; part of it may have been added then.</returns>
    public static bool TryAppend(IncrementalHash hash, string path)
    {
        if (!FileFacts.IsRegular(path))
        {
            return false;
        }

        var piece = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var position = 0L;
            while (RandomAccess.Read(file, piece, position) is > 0 and var count)
            {
                hash.AppendData(piece, 0, count);
                position += count;
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }
}
