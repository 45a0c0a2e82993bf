using Ducts.Blobs.Storage;
using Ducts.Redis;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Ducts.Blobs.Events;

[Event(511, "BLOBS_CONTENT_ADD")]
[Authorize(BlobsPolicies.Write)]
internal sealed class ContentAdd(ContentStore contents) : DuctsHandler
{
    [EndpointDescription("Adds a content, text or bytes, to a group.")]
    public Task<AddedContent> HandleAsync(
        string groupKey,
        object? content,
        [Extra] IReadOnlyDictionary<string, object?> extra,
        CancellationToken cancellationToken,
        string contentKey = "",
        string contentType = "",
        string encoding = "",
        object? lastModified = null,
        object? order = null,
        string @namespace = "") =>
        AddedContent.OfAsync(contents.AddAsync(
            groupKey, @namespace, new(contentKey, contentType, encoding, lastModified, order, extra), content, cancellationToken));
}

[Event(512, "BLOBS_CONTENT_UPDATE")]
[Authorize(BlobsPolicies.Write)]
internal sealed class ContentUpdate(ContentStore contents) : DuctsHandler
{
    [EndpointDescription("Adds a version of a content: with other bytes, with other metadata, or both.")]
    public Task<WrittenContent> HandleAsync(
        string groupKey,
        string contentKey,
        [Extra] IReadOnlyDictionary<string, object?> extra,
        CancellationToken cancellationToken,
        object? content = null,
        string @namespace = "") =>
        contents.UpdateAsync(groupKey, contentKey, content, @namespace, extra, cancellationToken);
}

[Event(513, "BLOBS_CONTENT_EXISTS")]
[Authorize(BlobsPolicies.Read)]
internal sealed class ContentExists(GroupStore groups, ContentReader reader) : DuctsHandler
{
    [EndpointDescription("Returns whether there is a content.")]
    public async Task<bool> HandleAsync(string groupKey, string contentKey, CancellationToken cancellationToken, string @namespace = "") =>
        await groups.FindAsync(groupKey, @namespace, cancellationToken) is not null
        && await reader.FindAsync(groupKey, contentKey, "", @namespace, cancellationToken) is not null;
}

[Event(514, "BLOBS_CONTENT_METADATA")]
[Authorize(BlobsPolicies.Read)]
internal sealed class ContentMetadata(ContentReader reader) : DuctsHandler
{
    [EndpointDescription("Returns a version of a content, and its metadata.")]
    public async Task<object[]> HandleAsync(string groupKey, string contentKey, CancellationToken cancellationToken, string @namespace = "", string version = "")
    {
        var content = await reader.GetAsync(groupKey, contentKey, version, @namespace, cancellationToken);
        return [content.Version, content.Fields];
    }
}

[Event(515, "BLOBS_CONTENT_LIST")]
[Authorize(BlobsPolicies.Read)]
internal sealed class ContentList(ContentReader reader) : DuctsHandler
{
    [EndpointDescription("Returns the keys of a group's contents, by their order.")]
    public Task<string?[]> HandleAsync(string groupKey, CancellationToken cancellationToken, string @namespace = "") =>
        reader.ListAsync(groupKey, @namespace, cancellationToken);
}

[Event(516, "BLOBS_CONTENT_FILTER")]
[Authorize(BlobsPolicies.Read)]
internal sealed class ContentFilter(ContentReader reader) : DuctsHandler
{
    [EndpointDescription("Sends the metadata of the contents of a group that have one of the wanted values.")]
    public IAsyncEnumerable<RedisFields> Handle(
        string groupKey, [Extra] IReadOnlyDictionary<string, object?> extra, CancellationToken cancellationToken, string @namespace = "") =>
        reader.FilterAsync(groupKey, @namespace, extra, cancellationToken);
}

[Event(517, "BLOBS_CONTENT_VERSIONS")]
[Authorize(BlobsPolicies.Read)]
internal sealed class ContentVersions(ContentReader reader) : DuctsHandler
{
    [EndpointDescription("Returns versions of a content with their metadata, newest first.")]
    public Task<object[][]> HandleAsync(
        string groupKey, string contentKey, CancellationToken cancellationToken, string version = "+", string @namespace = "", int count = 10) =>
        reader.ListVersionsAsync(groupKey, contentKey, version, @namespace, count, cancellationToken);
}

[Event(518, "BLOBS_CONTENT_REVERT")]
[Authorize(BlobsPolicies.Write)]
internal sealed class ContentRevert(ContentStore contents) : DuctsHandler
{
    [EndpointDescription("Makes an older version of a content the newest.")]
    public Task<WrittenContent> HandleAsync(string groupKey, string contentKey, string toVersion, CancellationToken cancellationToken, string @namespace = "") =>
        contents.RevertAsync(groupKey, contentKey, toVersion, @namespace, cancellationToken);
}

[Event(519, "BLOBS_CONTENT_ADD_BY_BUFFER")]
[Authorize(BlobsPolicies.Write)]
internal sealed class ContentAddByBuffer(ContentStore contents) : DuctsHandler
{
    [EndpointDescription("Adds a content whose bytes are in a buffer of the session, and ends the buffer.")]
    public Task<AddedContent> HandleAsync(
        string groupKey,
        string bufferKey,
        IEventSession session,
        [Extra] IReadOnlyDictionary<string, object?> extra,
        CancellationToken cancellationToken,
        string contentKey = "",
        string contentType = "",
        string encoding = "",
        object? lastModified = null,
        object? order = null,
        string @namespace = "") =>
        AddedContent.OfAsync(contents.AddByBufferAsync(
            groupKey, @namespace, new(contentKey, contentType, encoding, lastModified, order, extra), session.SessionId, bufferKey, cancellationToken));
}

[Event(520, "BLOBS_CONTENT_UPDATE_BY_BUFFER")]
[Authorize(BlobsPolicies.Write)]
internal sealed class ContentUpdateByBuffer(ContentStore contents) : DuctsHandler
{
    [EndpointDescription("Adds a version of a content whose bytes are in a buffer of the session, and ends the buffer.")]
    public Task<WrittenContent> HandleAsync(
        string groupKey,
        string bufferKey,
        string contentKey,
        IEventSession session,
        [Extra] IReadOnlyDictionary<string, object?> extra,
        CancellationToken cancellationToken,
        string @namespace = "") =>
        contents.UpdateByBufferAsync(groupKey, session.SessionId, bufferKey, contentKey, @namespace, extra, cancellationToken);
}
