using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Ducts.Scripting.Compiling;
using Ducts.Scripting.Files;
using Ducts.Scripting.Packages;

namespace Ducts.Scripting.Caching;

/// <summary>Names a compilation by everything that its result depends on.</summary>
internal static class CacheKey
{
    // Raised when the layout of entries changes. What this assembly compiles with is covered by its version id.
    private const string Format = "1";

    /// <summary>The hash of the files, their paths, what they refer to, the compiler, and .NET itself, in hex; <paramref name="startup"/> is the startup file's.</summary>
    public static string Of(IReadOnlyList<SourceFile> files, IReadOnlySet<string> refused, PackageSet? packages, string? baseType, string? startup)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Format);
        Append(hash, typeof(CacheKey).Module.ModuleVersionId.ToString());
        Append(hash, Environment.Version.ToString());
        Append(hash, baseType ?? "startup");
        Append(hash, startup ?? "");
        foreach (var path in PlatformAssemblies.All)
        {
            Append(hash, path);
            if (PlatformAssemblies.SharedFolder is not { } shared || !path.StartsWith(shared, StringComparison.Ordinal))
            {
                AppendStamp(hash, path);
            }
        }

        Append(hash, packages?.Id ?? "");
        foreach (var file in files)
        {
            Append(hash, file.Path);
            Append(hash, file.Hash);
            Append(hash, (file.IsRoot, refused.Contains(file.Path)) switch
            {
                (true, false) => "root",
                (false, false) => "part",
                _ => "out",
            });
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..40];
    }

    /// <summary>Adds a text, so that no two sequences of texts add up to the same.</summary>
    public static void Append(IncrementalHash hash, string text)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        hash.AppendData(length);
        hash.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));
    }

    /// <summary>Adds a file's size and time.</summary>
    public static void AppendStamp(IncrementalHash hash, string path)
    {
        Span<byte> numbers = stackalloc byte[16];
        var info = new FileInfo(path);
        if (info.Exists)
        {
            BinaryPrimitives.WriteInt64LittleEndian(numbers, info.Length);
            BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], info.LastWriteTimeUtc.Ticks);
        }

        hash.AppendData(numbers);
    }
}
