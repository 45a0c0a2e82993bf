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
    /// <param name="content">What the caller says of it.</param>
    /// <param name="defaultType">The media type of a content whose key tells none.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="EventException">A value cannot be used (ValueError).</exception>
    public static ContentFields OfNew(NewContent content, string defaultType, DateTimeOffset now)
    {
        var (key, type) = (content.Key, content.Type);
        var fields = new ContentFields();
        if (key.Length > 0 && !BlobKeys.IsHash(key))
        {
            fields.Defaults.Add(new("content_key_name", key));
        }

        (type.Length > 0 ? fields.Set : fields.Defaults).Add(new("content_type", type.Length > 0 ? type : FieldText.TypeOf(key) ?? defaultType));
        fields.Add("last_modified", FieldText.LastModified(content.LastModified, now));
        fields.Add("encoding", content.Encoding);
        fields.Add("order", FieldText.Order(content.Order));
        foreach (var (name, value) in content.Extra.Where(static field => !OwnFields.Contains(field.Key)))
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
