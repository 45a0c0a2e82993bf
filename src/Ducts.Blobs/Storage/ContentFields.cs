namespace Ducts.Blobs.Storage;

/// <summary>The metadata that a write sets.</summary>
internal sealed class ContentFields
{
    /// <summary>What the server alone sets when a content is added.</summary>
    private static readonly string[] OwnFields =
        ["cid", "is_dir", "content_key", "content_key_name", "content_type", "content_length", "last_modified", "encoding", "order", "revert_to"];

    /// <summary>Gets what holds for a new content only.</summary>
    public List<KeyValuePair<string, string>> Defaults { get; } = [];

    /// <summary>Gets what is set in any case.</summary>
    public List<KeyValuePair<string, string>> Set { get; } = [];

    /// <summary>Returns the fields of a content that is added.</summary>
    /// <param name="contentKey">The content's key as the caller names it; empty if the caller does not.</param>
    /// <param name="contentType">The media type; empty to derive it from the key.</param>
    /// <param name="defaultType">The media type of a content whose key tells none.</param>
    /// <param name="encoding">The encoding of text; empty for none.</param>
    /// <param name="lastModified">When it was changed.</param>
    /// <param name="order">Its place; empty to put it behind the others.</param>
    /// <param name="extra">Further fields.</param>
    public static ContentFields OfNew(
        string contentKey, string contentType, string defaultType, string encoding, string lastModified, string order, IReadOnlyDictionary<string, object?> extra)
    {
        var fields = new ContentFields();
        if (contentKey.Length > 0 && !BlobKeys.IsHash(contentKey))
        {
            fields.Defaults.Add(new("content_key_name", contentKey));
        }

        (contentType.Length > 0 ? fields.Set : fields.Defaults)
            .Add(new("content_type", contentType.Length > 0 ? contentType : FieldText.TypeOf(contentKey) ?? defaultType));
        fields.Add("last_modified", lastModified);
        fields.Add("encoding", encoding);
        fields.Add("order", order);
        foreach (var (name, value) in extra.Where(static field => !OwnFields.Contains(field.Key)))
        {
            fields.Set.Add(new(name, FieldText.Of(name, value)));
        }

        return fields;
    }

    /// <summary>Returns the fields of a content that is changed.</summary>
    public static ContentFields OfChange(IReadOnlyDictionary<string, object?> extra, DateTimeOffset now)
    {
        var fields = new ContentFields();
        foreach (var (name, value) in extra)
        {
            var text = name switch
            {
                "last_modified" => FieldText.LastModified(value, now),
                "order" => FieldText.Order(value),
                _ => FieldText.Of(name, value),
            };
            if (name != "order" || text.Length > 0)
            {
                fields.Set.Add(new(name, text));
            }
        }

        return fields;
    }

    private void Add(string name, string value)
    {
        if (value.Length > 0)
        {
            Set.Add(new(name, value));
        }
    }
}
