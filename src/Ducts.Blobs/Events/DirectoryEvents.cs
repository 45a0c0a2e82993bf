using System.Text.Json.Serialization;
using Ducts.Blobs.Storage;
using Ducts.MessagePack;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Ducts.Blobs.Events;

[Event(531, "BLOBS_CONTENT_ADD_DIR")]
[Authorize(BlobsPolicies.Write)]
internal sealed class ContentAddDir(ContentStore contents) : DuctsHandler
{
    [EndpointDescription("Adds an empty directory to a group.")]
    public Task<AddedContent> HandleAsync(
        string groupKey,
        [Extra] IReadOnlyDictionary<string, object?> extra,
        CancellationToken cancellationToken,
        string contentKey = "",
        object? order = null,
        string @namespace = "") =>
        AddedContent.OfAsync(contents.AddDirectoryAsync(groupKey, contentKey, order, @namespace, extra, cancellationToken));
}

/// <summary>A file as a request names it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ContentKey">The content that it stands for.</param>
/// <param name="GroupKey">The content's group, if it is another than the directory's.</param>
/// <param name="Namespace">The namespace of that group.</param>
internal sealed record FileArgument(
    [property: JsonPropertyName("filename")] string Name,
    [property: JsonPropertyName("content_key")] string ContentKey,
    [property: JsonPropertyName("group_key")] string? GroupKey = null,
    [property: JsonPropertyName("namespace")] string? Namespace = null);

[Event(532, "BLOBS_DIR_ADD_FILES")]
[Authorize(BlobsPolicies.Write)]
internal sealed class DirAddFiles(DirectoryStore directories) : DuctsHandler
{
    [EndpointDescription("Adds files to a directory, each a name for a content, and returns all of its files.")]
    public Task<Dictionary<string, DirectoryEntry>> HandleAsync(
        string groupKey, string contentKey, CancellationToken cancellationToken, string @namespace = "", IReadOnlyList<FileArgument>? files = null) =>
        directories.AddAsync(
            groupKey,
            contentKey,
            @namespace,
            [.. (files ?? []).Select(static file => new NewFile(file.Name, file.ContentKey, file.GroupKey ?? "", file.Namespace ?? ""))],
            cancellationToken);
}

[Event(533, "BLOBS_DIR_RM_FILES")]
[Authorize(BlobsPolicies.Write)]
internal sealed class DirRmFiles(DirectoryStore directories) : DuctsHandler
{
    [EndpointDescription("Removes files from a directory, and returns those that are left. The contents stay.")]
    public Task<Dictionary<string, DirectoryEntry>> HandleAsync(
        string groupKey, string contentKey, CancellationToken cancellationToken, string @namespace = "", object? files = null) =>
        directories.RemoveAsync(groupKey, contentKey, @namespace, NamesIn(files), cancellationToken);

    private static List<string> NamesIn(object? files) => files switch
    {
        null => [],
        string name => [name],
        IReadOnlyDictionary<string, object?> file => [NameIn(file)],
        IEnumerable<object?> list => [.. list.Select(NameIn)],
        _ => throw Unusable(),
    };

    private static string NameIn(object? file) => file switch
    {
        string name => name,
        IReadOnlyDictionary<string, object?> map when map.TryGetValue("filename", out var name) && name is string text => text,
        _ => throw Unusable(),
    };

    private static EventException Unusable() => EventException.InvalidValue("files: expected a name, or a list of names or of maps with a filename");
}

[Event(534, "BLOBS_DIR_LIST_FILES")]
[Authorize(BlobsPolicies.Read)]
internal sealed class DirListFiles(DirectoryStore directories) : DuctsHandler
{
    [EndpointDescription("Returns the files of a directory, and the directory itself as \".\".")]
    public Task<Dictionary<string, DirectoryEntry>> HandleAsync(string groupKey, string contentKey, CancellationToken cancellationToken, string @namespace = "") =>
        directories.ListAsync(groupKey, contentKey, @namespace, cancellationToken);
}

[Event(535, "BLOBS_DIR_FILE_EXISTS")]
[Authorize(BlobsPolicies.Read)]
internal sealed class DirFileExists(DirectoryStore directories) : DuctsHandler
{
    [EndpointDescription("Returns whether a path leads to a content. It begins at the directory \"/\" of the group.")]
    public async Task<bool> HandleAsync(string groupKey, MessagePackElement path, CancellationToken cancellationToken, string @namespace = "") =>
        await directories.FindAsync(groupKey, FilePath.Read(path), @namespace, cancellationToken) is not null;
}

[Event(536, "BLOBS_DIR_FILE_METADATA")]
[Authorize(BlobsPolicies.Read)]
internal sealed class DirFileMetadata(DirectoryStore directories) : DuctsHandler
{
    [EndpointDescription("Returns the content that a path leads to: its version, the metadata of its group, its metadata.")]
    public async Task<object[]> HandleAsync(string groupKey, MessagePackElement path, CancellationToken cancellationToken, string @namespace = "")
    {
        var names = FilePath.Read(path);
        var content = await directories.FindAsync(groupKey, names, @namespace, cancellationToken) ?? throw FilePath.NotFound(groupKey, names);
        return [content.Version, content.Group.Fields, content.Fields];
    }
}

/// <summary>Paths through directories.</summary>
internal static class FilePath
{
    /// <summary>Reads a path: text with slashes, or a list of names.</summary>
    /// <exception cref="EventException">It is neither (TypeError).</exception>
    public static string[] Read(MessagePackElement path) => path.Kind switch
    {
        MessagePackKind.String => Split(path.GetString()!),
        MessagePackKind.Array when path.EnumerateArray().All(static name => name.Kind == MessagePackKind.String) => [.. path.EnumerateArray().Select(static name => name.GetString()!)],
        _ => throw EventException.InvalidType("path: expected text, or a list of names"),
    };

    public static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    public static EventException NotFound(string groupKey, IEnumerable<string> names) =>
        EventException.FileNotFound($"there is no file '/{string.Join('/', names)}' in the group '{groupKey}'");
}
