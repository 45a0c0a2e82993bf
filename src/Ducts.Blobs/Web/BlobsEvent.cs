using System.Runtime.CompilerServices;
using Ducts.Blobs.Events;
using Ducts.Blobs.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Ducts.Blobs.Web;

/// <summary>BLOBS, which sends the bytes of a content, and the Web APIs that read.</summary>
[Event(500, "BLOBS")]
internal class BlobsEvent(GroupStore groups, ContentReader reader, DirectoryStore directories) : DuctsHandler
{
    [Authorize(BlobsPolicies.Read)]
    [EndpointDescription("Sends the bytes of a content in pieces of at most 512 KiB.")]
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> Handle(
        string groupKey,
        string contentKey,
        string version = "",
        string @namespace = "",
        long start = 0,
        long stop = -1,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var content = await reader.GetAsync(groupKey, contentKey, version, @namespace, cancellationToken);
        var size = await reader.LengthOfAsync(content, cancellationToken);
        var first = start < 0 ? Math.Max(0, size + start) : start;
        var last = Math.Min(stop < 0 ? size + stop : stop, size - 1);
        if (first > 0 && first >= size)
        {
            throw EventException.InvalidValue($"start: {start} is beyond the end of the content, which has {size} bytes");
        }

        await foreach (var piece in reader.ReadAsync(content, first, Math.Max(0, last - first + 1), cancellationToken))
        {
            yield return piece;
        }
    }

    [WebApi("GET", "/groups")]
    [Authorize(BlobsPolicies.Read)]
    [EndpointSummary("The keys of all groups")]
    public Task<List<string>> ListGroupsAsync(CancellationToken cancellationToken) => groups.ListAsync(cancellationToken);

    [WebApi("GET", "/group_names")]
    [Authorize(BlobsPolicies.Read)]
    [EndpointSummary("The text keys of all groups that have one")]
    public Task<string?[]> ListGroupNamesAsync(CancellationToken cancellationToken) => groups.ListNamesAsync(cancellationToken);

    [WebApi("GET", "/groups/{group}/metadata")]
    [Authorize(BlobsPolicies.Read)]
    [EndpointSummary("The newest version of a group")]
    public async Task<object[]> GetGroupAsync(string group, CancellationToken cancellationToken, string @namespace = "")
    {
        var found = await groups.GetAsync(Decoded(group), @namespace, cancellationToken);
        return [found.Version, found.Fields];
    }

    [WebApi("GET", "/groups/{group}/versions")]
    [Authorize(BlobsPolicies.Read)]
    [EndpointSummary("Versions of a group, newest first")]
    public Task<object[][]> ListGroupVersionsAsync(string group, CancellationToken cancellationToken, string @namespace = "", string version = "+", int count = 10) =>
        groups.ListVersionsAsync(Decoded(group), @namespace, Version(version), count, cancellationToken);

    [WebApi("GET", "/groups/{group}/contents")]
    [Authorize(BlobsPolicies.Read)]
    [EndpointSummary("The keys of a group's contents")]
    public Task<string?[]> ListContentsAsync(string group, CancellationToken cancellationToken, string @namespace = "") =>
        reader.ListAsync(Decoded(group), @namespace, cancellationToken);

    [WebApi("GET", "/groups/{group}/contents/{content}/metadata")]
    [WebApi("GET", "/groups/{group}/contents/{content}/versions/{version}/metadata")]
    [Authorize(BlobsPolicies.Read)]
    [EndpointSummary("A version of a content")]
    public async Task<object[]> GetContentAsync(string group, string content, CancellationToken cancellationToken, string? version = null, string @namespace = "")
    {
        var found = await reader.GetAsync(Decoded(group), Decoded(content), version ?? "", @namespace, cancellationToken);
        return [found.Version, found.Fields];
    }

    [WebApi("GET", "/groups/{group}/contents/{content}/versions")]
    [Authorize(BlobsPolicies.Read)]
    [EndpointSummary("Versions of a content, newest first")]
    public Task<object[][]> ListVersionsAsync(
        string group, string content, CancellationToken cancellationToken, string @namespace = "", string version = "+", int count = 10) =>
        reader.ListVersionsAsync(Decoded(group), Decoded(content), Version(version), @namespace, count, cancellationToken);

    [WebApi("GET", "/dir/{group?}")]
    [WebApi("GET", "/dir/{group}/{**path}")]
    [Authorize(BlobsPolicies.Read)]
    [EndpointSummary("The text keys of groups, the files of a directory, or the metadata or bytes of a file")]
    public async Task<object> FindAsync(CancellationToken cancellationToken, string? group = null, string? path = null, string format = "metadata", string @namespace = "")
    {
        if (string.IsNullOrEmpty(group))
        {
            return await groups.ListNamesAsync(cancellationToken);
        }

        var (groupKey, names) = (Decoded(group), FilePath.Split(path ?? ""));
        await groups.GetAsync(groupKey, @namespace, cancellationToken);
        var found = await directories.FindAsync(groupKey, names, @namespace, cancellationToken) ?? throw FilePath.NotFound(groupKey, names);
        return format switch
        {
            _ when found.IsDirectory => await directories.ListAsync(found, cancellationToken),
            "blob" => new ContentResult(found, reader),
            "metadata" => new object[] { found.Version, found.Group.Fields, found.Fields },
            _ => throw EventException.InvalidValue($"format: expected metadata or blob, found '{format}'"),
        };
    }

    [WebApi("GET", "/blob/{group}/{content}/{version?}")]
    [WebApi("GET", "/{group}/{content}/blob")]
    [Authorize(BlobsPolicies.Read)]
    [EndpointSummary("The bytes of a content")]
    public async Task<IResult> GetBytesAsync(string group, string content, CancellationToken cancellationToken, string? version = null, string @namespace = "") =>
        new ContentResult(await reader.GetAsync(Decoded(group), Decoded(content), version ?? "", @namespace, cancellationToken), reader);

    /// <summary>Returns a part of a path with its slashes, which servers leave encoded.</summary>
    protected static string Decoded(string part) => part.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    // In a query, a plus is a blank.
    private static string Version(string version) => version == " " ? "+" : version;
}
