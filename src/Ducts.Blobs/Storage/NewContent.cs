namespace Ducts.Blobs.Storage;

/// <summary>What a caller says of a content that is added, as it came.</summary>
/// <param name="Key">The content's key; empty to make it of the object's key.</param>
/// <param name="Type">The media type; empty to derive it from the key.</param>
/// <param name="Encoding">The encoding of text; empty for none.</param>
/// <param name="LastModified">When it was changed; null for now.</param>
/// <param name="Order">Its place in the group; null to put it behind the others.</param>
/// <param name="Extra">Further fields.</param>
internal sealed record NewContent(string Key, string Type, string Encoding, object? LastModified, object? Order, IReadOnlyDictionary<string, object?> Extra)
{
    private static readonly Dictionary<string, object?> NoFields = new(StringComparer.Ordinal);

    /// <summary>Returns a content of which the caller says its key and its type.</summary>
    public static NewContent Of(string key, string type) => new(key, type, "", null, null, NoFields);
}
