using System.Text.Json.Serialization;
using Ducts.Blobs.Storage;

namespace Ducts.Blobs.Events;

/// <summary>A content that was added.</summary>
/// <param name="GroupKey">The group's key.</param>
/// <param name="ContentKey">The content's key.</param>
internal sealed record AddedContent(
    [property: JsonPropertyName("group_key")] string GroupKey,
    [property: JsonPropertyName("content_key")] string ContentKey)
{
    public static async Task<AddedContent> OfAsync(Task<WrittenContent> writing)
    {
        var written = await writing;
        return new(written.GroupKey, written.ContentKey);
    }
}
