using System.Security.Cryptography;
using System.Text;

namespace Ducts.Blobs.Storage;

/// <summary>The keys of groups and contents, and the keys in Redis that hold them.</summary>
/// <param name="prefix">Stands before each key in Redis: empty, or a hash tag that brings all keys of a cluster into one slot.</param>
internal sealed class BlobKeys(string prefix)
{
    private const int HashLength = 40;
    private const string Separator = "::";

    public string Prefix => prefix;

    public string GroupCounter => $"{prefix}BLOBS/GROUP_ID";

    public string GroupNames => $"{prefix}BLOBS/GROUP_NAMES";

    public string Buffers => $"{prefix}BLOBS/BUFFER";

    public string GroupPattern => $"{prefix}BLOBS/GKEY=*/METADATA";

    /// <summary>Returns the key of a group: its text's hash, or the text itself if it is a hash.</summary>
    /// <exception cref="EventException">The key is empty (KeyError).</exception>
    public static string GroupKeyOf(string key, string space)
    {
        if (IsHash(key))
        {
            return key;
        }

        var text = GroupTextOf(key, space);
        return text.Length == 0 ? throw EventException.NotFound("the group key is empty") : Hash(text);
    }

    /// <summary>Returns the text of a group's key: the parts of namespace and key.</summary>
    public static string GroupTextOf(string key, string space) =>
        string.Join(Separator, space.Split(Separator).Concat(key.Split(Separator)).Where(static part => part.Length > 0));

    /// <summary>Returns the key of a content: its name's hash, or the name itself if it is a hash.</summary>
    /// <exception cref="EventException">The key is empty (KeyError).</exception>
    public static string ContentKeyOf(string key)
    {
        if (key.Length == 0)
        {
            throw EventException.NotFound("the content key is empty");
        }

        return IsHash(key) ? key : Hash(key);
    }

    /// <summary>Whether a key is 40 hex digits, not all of them zero.</summary>
    public static bool IsHash(string key) =>
        key.Length == HashLength && key.All(char.IsAsciiHexDigit) && key.AsSpan().ContainsAnyExcept('0');

    public static string Hash(string text) => Hash(Encoding.UTF8.GetBytes(text));

    // The layout in Redis says SHA-1; nothing is kept secret by it.
#pragma warning disable CA5350
    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA1.HashData(bytes));
#pragma warning restore CA5350

    public static IncrementalHash StartHash() => IncrementalHash.CreateHash(HashAlgorithmName.SHA1);

    /// <summary>Returns the name of an object as the key of a content that was given none is made of; it has no prefix.</summary>
    public static string ObjectName(string gid, string cid, bool isDirectory) => $"BLOBS/GID={gid}/CID={cid}/{(isDirectory ? "DIR" : "OBJ")}";

    public string Group(string groupKey) => $"{prefix}BLOBS/GKEY={groupKey}/METADATA";

    public string ContentCounter(string gid) => $"{prefix}BLOBS/GID={gid}/CONTENT_ID";

    public string ContentKeys(string gid) => $"{prefix}BLOBS/GID={gid}/CONTENT_KEYS";

    public string Content(string gid, string contentKey) => $"{prefix}BLOBS/GID={gid}/CKEY={contentKey}/METADATA";

    public string Object(string gid, string cid) => prefix + ObjectName(gid, cid, isDirectory: false);

    public string Directory(string gid, string cid) => prefix + ObjectName(gid, cid, isDirectory: true);

    public string Buffer(string sessionId, string bufferId) => $"{prefix}BLOBS/BUFFER/{sessionId}/{bufferId}";

    /// <summary>Returns the group's key of one of <see cref="GroupPattern"/>.</summary>
    public string GroupKeyIn(string key) => key[$"{prefix}BLOBS/GKEY=".Length..^"/METADATA".Length];
}
