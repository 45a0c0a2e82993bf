using System.Text.Json.Serialization;

namespace Ducts.Blobs.Storage;

/// <summary>A file of a directory: the content that its name stands for.</summary>
/// <param name="GroupKey">The group of the content, which may be another than that of the directory.</param>
/// <param name="ContentKey">The content's key.</param>
/// <param name="Version">The version's id, or <c>latest</c>.</param>
/// <param name="IsDirectory"><c>1</c> for a directory, else <c>0</c>.</param>
internal sealed record DirectoryEntry(
    [property: JsonPropertyName("group_key")] string GroupKey,
    [property: JsonPropertyName("content_key")] string ContentKey,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("is_dir")] string IsDirectory)
{
    /// <summary>Returns an entry for the newest version of a content, as Redis has it.</summary>
    public static string ValueOf(string groupKey, string contentKey, bool isDirectory) => $"{groupKey}.{contentKey}.latest.{(isDirectory ? "1" : "0")}";

    /// <summary>Reads an entry as Redis has it; what is missing is empty.</summary>
    public static DirectoryEntry Parse(string value)
    {
        var parts = value.Split('.');
        return new(Part(0), Part(1), Part(2), Part(3));

        string Part(int index) => index < parts.Length ? parts[index] : "";
    }
}
