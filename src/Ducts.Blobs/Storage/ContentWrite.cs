namespace Ducts.Blobs.Storage;

/// <summary>What a write does if the content exists.</summary>
internal enum WriteKind
{
    /// <summary>Adds a content that must not exist.</summary>
    Add,

    /// <summary>Adds a version of a content that must exist.</summary>
    Update,

    /// <summary>Adds the content or a version of it.</summary>
    Put,
}

/// <summary>One version of a content to write.</summary>
/// <param name="Kind">What to do if the content exists.</param>
/// <param name="GroupKey">The group's key as the caller names it.</param>
/// <param name="Namespace">The group's namespace.</param>
/// <param name="ContentKey">The content's key as the caller names it; empty to make it of the object's key.</param>
/// <param name="Source">Where the object comes from.</param>
/// <param name="Fields">The metadata.</param>
internal sealed record ContentWrite(WriteKind Kind, string GroupKey, string Namespace, string ContentKey, ContentSource Source, ContentFields Fields)
{
    /// <summary>Gets the version that must be the newest, or <see cref="NoVersion"/>; null for any.</summary>
    public string? Expected { get; init; }

    /// <summary>The <see cref="Expected"/> of a content that must not exist.</summary>
    public const string NoVersion = "none";
}
