using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Ducts.Scripting.Compiling;

namespace Ducts.Scripting.Caching;

/// <summary>
/// The form of an entry in its file: mark, SHA-256 of all that follows, length of the manifest, manifest, assembly.
/// One file, so that an entry is there whole or not at all.
/// </summary>
internal static class CacheEntry
{
    private const int HashAt = 8;
    private const int LengthAt = HashAt + SHA256.HashSizeInBytes;
    private const int ManifestAt = LengthAt + sizeof(int);

    private static ReadOnlySpan<byte> Mark => "DUCTSEVT"u8;

    public static byte[] Write(CompiledScripts scripts)
    {
        var manifest = JsonSerializer.SerializeToUtf8Bytes(
            new CacheManifest(scripts.Classes, scripts.Problems, scripts.Warnings),
            CacheManifestContext.Default.CacheManifest);
        var entry = new byte[ManifestAt + manifest.Length + scripts.Image.Length];
        Mark.CopyTo(entry);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(LengthAt), manifest.Length);
        manifest.CopyTo(entry, ManifestAt);
        scripts.Image.Span.CopyTo(entry.AsSpan(ManifestAt + manifest.Length));
        SHA256.HashData(entry.AsSpan(LengthAt), entry.AsSpan(HashAt, SHA256.HashSizeInBytes));
        return entry;
    }

    /// <summary>Reads an entry; null when it is not one, or not whole.</summary>
    public static CompiledScripts? Read(byte[] entry)
    {
        if (entry.Length < ManifestAt
            || !entry.AsSpan().StartsWith(Mark)
            || !SHA256.HashData(entry.AsSpan(LengthAt)).AsSpan().SequenceEqual(entry.AsSpan(HashAt, SHA256.HashSizeInBytes)))
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(entry.AsSpan(LengthAt));
        if (length < 0 || length > entry.Length - ManifestAt)
        {
            return null;
        }

        var manifest = JsonSerializer.Deserialize(entry.AsSpan(ManifestAt, length), CacheManifestContext.Default.CacheManifest);
        return manifest is null
            ? null
            : new CompiledScripts(entry.AsMemory(ManifestAt + length), manifest.Classes, manifest.Problems, manifest.Warnings);
    }
}
