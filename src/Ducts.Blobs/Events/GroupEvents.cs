using Ducts.Blobs.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Ducts.Blobs.Events;

[Event(501, "BLOBS_GROUP_ADD")]
[Authorize(BlobsPolicies.Write)]
internal sealed class GroupAdd(GroupStore groups) : DuctsHandler
{
    [EndpointDescription("Adds a group of contents, and returns its key.")]
    public Task<string> HandleAsync(
        [Extra] IReadOnlyDictionary<string, object?> extra, CancellationToken cancellationToken, string groupKey = "", string @namespace = "", string contentType = "") =>
        groups.AddAsync(groupKey, @namespace, contentType, extra, cancellationToken);
}

[Event(502, "BLOBS_GROUP_EXISTS")]
[Authorize(BlobsPolicies.Read)]
internal sealed class GroupExists(GroupStore groups) : DuctsHandler
{
    [EndpointDescription("Returns whether there is a group.")]
    public async Task<bool> HandleAsync(string groupKey, CancellationToken cancellationToken, string @namespace = "") =>
        await groups.FindAsync(groupKey, @namespace, cancellationToken) is not null;
}

[Event(503, "BLOBS_GROUP_METADATA")]
[Authorize(BlobsPolicies.Read)]
internal sealed class GroupMetadata(GroupStore groups) : DuctsHandler
{
    [EndpointDescription("Returns the newest version of a group, and its metadata.")]
    public async Task<object[]> HandleAsync(string groupKey, CancellationToken cancellationToken, string @namespace = "")
    {
        var group = await groups.GetAsync(groupKey, @namespace, cancellationToken);
        return [group.Version, group.Fields];
    }
}

[Event(504, "BLOBS_GROUP_UPDATE")]
[Authorize(BlobsPolicies.Write)]
internal sealed class GroupUpdate(GroupStore groups) : DuctsHandler
{
    [EndpointDescription("Sets fields of a group, and returns the new version.")]
    public Task<string> HandleAsync(
        string groupKey, [Extra] IReadOnlyDictionary<string, object?> extra, CancellationToken cancellationToken, string @namespace = "", string gid = "") =>
        groups.UpdateAsync(groupKey, @namespace, gid, extra, cancellationToken);
}

[Event(505, "BLOBS_GROUP_DELETE")]
[Authorize(BlobsPolicies.Write)]
internal sealed class GroupDelete(GroupStore groups) : DuctsHandler
{
    [EndpointDescription("Deletes a group with all its contents, and returns how many keys that were in Redis.")]
    public Task<long> HandleAsync(string groupKey, CancellationToken cancellationToken, string @namespace = "") =>
        groups.DeleteAsync(groupKey, @namespace, cancellationToken);
}

[Event(506, "BLOBS_GROUP_LIST")]
[Authorize(BlobsPolicies.Read)]
internal sealed class GroupList(GroupStore groups) : DuctsHandler
{
    [EndpointDescription("Returns the keys of all groups.")]
    public Task<List<string>> HandleAsync(CancellationToken cancellationToken, string @namespace = "") => groups.ListAsync(cancellationToken);
}

[Event(507, "BLOBS_GROUP_LIST_NAMES")]
[Authorize(BlobsPolicies.Read)]
internal sealed class GroupListNames(GroupStore groups) : DuctsHandler
{
    [EndpointDescription("Returns the text keys of all groups that have one, in the order of their bytes.")]
    public Task<string?[]> HandleAsync(CancellationToken cancellationToken, string @namespace = "") => groups.ListNamesAsync(cancellationToken);
}

[Event(508, "BLOBS_GROUP_VERSIONS")]
[Authorize(BlobsPolicies.Read)]
internal sealed class GroupVersions(GroupStore groups) : DuctsHandler
{
    [EndpointDescription("Returns versions of a group with their metadata, newest first.")]
    public Task<object[][]> HandleAsync(string groupKey, CancellationToken cancellationToken, string @namespace = "", string version = "+", int count = 10) =>
        groups.ListVersionsAsync(groupKey, @namespace, version, count, cancellationToken);
}

[Event(599, "BLOBS_DELETE_ALL")]
[Authorize(BlobsPolicies.Write)]
internal sealed class DeleteAll(GroupStore groups, Microsoft.Extensions.Options.IOptions<DuctsOptions> options) : DuctsHandler
{
    private const string Confirmation = "I'm crazy!";

    [EndpointDescription("Deletes all groups, contents and buffers, where blobs_delete_all allows it. The argument is the text \"I'm crazy!\".")]
    public Task<long> HandleAsync(string confirmation, CancellationToken cancellationToken)
    {
        if (!options.Value.Blobs.BlobsDeleteAll)
        {
            throw EventException.PermissionDenied("option blobs_delete_all does not allow it");
        }

        return confirmation == Confirmation
            ? groups.DeleteAllAsync(cancellationToken)
            : throw EventException.InvalidValue($"expected the text \"{Confirmation}\"");
    }
}
