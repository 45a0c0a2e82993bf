using System.Globalization;
using System.Text.Json.Serialization;
using Ducts.Redis;

namespace Ducts.Blobs.Storage;

/// <summary>A version of a group.</summary>
/// <param name="Key">The group's key.</param>
/// <param name="Version">The version's id.</param>
/// <param name="Fields">The metadata.</param>
internal sealed record StoredGroup(string Key, string Version, RedisFields Fields)
{
    public string Gid => Fields.GetValueOrDefault("gid", "");
}

/// <summary>A version of a content.</summary>
/// <param name="Group">The newest version of its group.</param>
/// <param name="Key">The content's key.</param>
/// <param name="Version">The version's id.</param>
/// <param name="Fields">The metadata.</param>
internal sealed record StoredContent(StoredGroup Group, string Key, string Version, RedisFields Fields)
{
    public string Cid => Fields.GetValueOrDefault("cid", "");

    public bool IsDirectory => Fields.GetValueOrDefault("is_dir", "") is "1";

    public string ContentType => Fields.GetValueOrDefault("content_type", "") is { Length: > 0 } type ? type : FieldText.DefaultType;

    /// <summary>Gets when it was changed, in whole seconds; null if the metadata does not say so.</summary>
    public DateTimeOffset? LastModified =>
        long.TryParse(Fields.GetValueOrDefault("last_modified", ""), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) && seconds is > -60_000_000_000 and < 250_000_000_000
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}

/// <summary>What a write has made.</summary>
/// <param name="GroupKey">The group's key.</param>
/// <param name="ContentKey">The content's key.</param>
/// <param name="Version">The new version's id.</param>
internal sealed record WrittenContent(
    [property: JsonPropertyName("group_key")] string GroupKey,
    [property: JsonPropertyName("content_key")] string ContentKey,
    [property: JsonPropertyName("version")] string Version);
