using System.Security.Cryptography;
using Ducts.Redis.Ownership;

namespace Ducts.Scripting.Files;

/// <summary>One source file as it was when it was read.</summary>
internal sealed class SourceFile
{
    private SourceFile(string path, byte[] content, bool isRoot)
    {
        Path = path;
        Content = content;
        IsRoot = isRoot;
        Hash = Convert.ToHexString(SHA256.HashData(content));
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>The bytes; text is decoded only where something is compiled.</summary>
    public byte[] Content { get; }

    /// <summary>SHA-256 of the bytes, in hex.</summary>
    public string Hash { get; }

    /// <summary>Whether the file is to bring a class of its own, rather than help those that do.</summary>
    public bool IsRoot { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">It cannot be read, or is no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static SourceFile Read(string path, bool isRoot) => File.Exists(path) && !FileFacts.IsRegular(path)
        ? throw new IOException("it is no regular file, but a pipe, a socket or a device.")
        : new(path, File.ReadAllBytes(path), isRoot);

    public static SourceFile FromText(string path, string text, bool isRoot = true) =>
        new(path, System.Text.Encoding.UTF8.GetBytes(text), isRoot);
}
