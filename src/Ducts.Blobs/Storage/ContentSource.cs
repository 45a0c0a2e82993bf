namespace Ducts.Blobs.Storage;

/// <summary>Where the object of a new version comes from.</summary>
/// <param name="Kind">The word that the script knows it by.</param>
/// <param name="Bytes">The bytes, where they come with the request.</param>
/// <param name="Cid">What the object is called: the hash of its bytes, or a directory's number.</param>
/// <param name="Length">How many bytes it has.</param>
/// <param name="Owner">Whose buffer it is in.</param>
/// <param name="BufferId">The buffer's id.</param>
internal sealed record ContentSource(string Kind, ReadOnlyMemory<byte> Bytes, string Cid, long Length, string Owner = "", string BufferId = "")
{
    /// <summary>Gets the source of a version that changes metadata only.</summary>
    public static ContentSource None { get; } = new("none", default, "", 0);

    public bool IsDirectory => Kind == "dir";

    public static ContentSource Of(ReadOnlyMemory<byte> bytes) => new("bytes", bytes, BlobKeys.Hash(bytes.Span), bytes.Length);

    public static ContentSource OfBuffer(string owner, string bufferId, string cid, long length) => new("buffer", default, cid, length, owner, bufferId);

    public static ContentSource OfDirectory(string number) => new("dir", default, number, 0);
}
