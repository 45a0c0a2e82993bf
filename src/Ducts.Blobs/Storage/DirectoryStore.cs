using Ducts.Redis;

namespace Ducts.Blobs.Storage;

/// <summary>A file to add to a directory.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ContentKey">The content that it stands for.</param>
/// <param name="GroupKey">The content's group; empty for that of the directory.</param>
/// <param name="Namespace">The namespace of that group; empty for that of the directory.</param>
internal sealed record NewFile(string Name, string ContentKey, string GroupKey, string Namespace);

/// <summary>Directories: contents that map names of files to contents.</summary>
internal sealed class DirectoryStore(BlobRedis redis, GroupStore groups, ContentReader reader, TimeProvider time)
{
    /// <summary>The content where paths of a group begin.</summary>
    public const string Root = "/";

    /// <summary>The name by which a directory has itself.</summary>
    private const string Self = ".";

    /// <summary>Adds files.</summary>
    /// <returns>All files of the directory.</returns>
    /// <exception cref="EventException">A name is given twice or there already (ValueError), or there is no such content (KeyError).</exception>
    public async Task<Dictionary<string, DirectoryEntry>> AddAsync(
        string groupKey, string contentKey, string space, IReadOnlyList<NewFile> files, CancellationToken cancellationToken)
    {
        var directory = await GetDirectoryAsync(groupKey, contentKey, space, cancellationToken);
        var names = new HashSet<string>(StringComparer.Ordinal);
        List<RedisArgument> arguments = ["add", FieldText.Seconds(time.GetUtcNow())];
        foreach (var file in files)
        {
            if (file.Name.Length == 0 || !names.Add(file.Name))
            {
                throw EventException.InvalidValue(file.Name.Length == 0 ? "a file has no name" : $"the file '{file.Name}' is given twice");
            }

            var content = await reader.GetAsync(
                file.GroupKey.Length > 0 ? file.GroupKey : groupKey, file.ContentKey, "", file.Namespace.Length > 0 ? file.Namespace : space, cancellationToken);
            arguments.AddRange([file.Name, DirectoryEntry.ValueOf(content.Group.Key, content.Key, content.IsDirectory)]);
        }

        return await ChangeAsync(directory, arguments, files.Count, cancellationToken);
    }

    /// <summary>Removes files; the contents stay.</summary>
    /// <returns>The files that are left.</returns>
    /// <exception cref="EventException">There is no file of a name, or it is the directory itself (ValueError).</exception>
    public async Task<Dictionary<string, DirectoryEntry>> RemoveAsync(
        string groupKey, string contentKey, string space, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var directory = await GetDirectoryAsync(groupKey, contentKey, space, cancellationToken);
        if (names.Contains(Self))
        {
            throw EventException.InvalidValue("a directory cannot be removed from itself");
        }

        return await ChangeAsync(directory, ["remove", FieldText.Seconds(time.GetUtcNow()), .. names.Distinct(StringComparer.Ordinal)], names.Count, cancellationToken);
    }

    /// <summary>Returns the files of a directory.</summary>
    /// <exception cref="EventException">The content is no directory (ValueError), or there is none (KeyError).</exception>
    public async Task<Dictionary<string, DirectoryEntry>> ListAsync(string groupKey, string contentKey, string space, CancellationToken cancellationToken) =>
        await ListAsync(await GetDirectoryAsync(groupKey, contentKey, space, cancellationToken), cancellationToken);

    /// <summary>Returns the files of a directory.</summary>
    public async Task<Dictionary<string, DirectoryEntry>> ListAsync(StoredContent directory, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var files = await redis.Client.HGetAllAsync(keys.Directory(directory.Group.Gid, directory.Cid), cancellationToken);
        return files.Count > 0 ? Read(files) : throw NoDirectory(directory.Key);
    }

    /// <summary>Finds the content of a path, which begins at the content <see cref="Root"/> of a group.</summary>
    /// <returns>The content; null if a name on the way, or the root, is not there.</returns>
    /// <exception cref="EventException">The path leads through a file (ValueError).</exception>
    public async Task<StoredContent?> FindAsync(string groupKey, IEnumerable<string> path, string space, CancellationToken cancellationToken)
    {
        if (await groups.FindAsync(groupKey, space, cancellationToken) is null)
        {
            return null;
        }

        var keys = await redis.KeysAsync(cancellationToken);
        var current = await reader.FindAsync(groupKey, Root, "", space, cancellationToken);
        foreach (var name in path.Where(static name => name.Length > 0))
        {
            if (current is null)
            {
                return null;
            }

            if (!current.IsDirectory)
            {
                throw EventException.InvalidValue($"the path leads to '{name}' through a file");
            }

            var value = await redis.Client.ExecuteAsync("HGET", [keys.Directory(current.Group.Gid, current.Cid), name], cancellationToken);
            if (value.IsNull)
            {
                return null;
            }

            // The group that the entry names, which may be another.
            var entry = DirectoryEntry.Parse(value.AsString()!);
            current = await groups.FindAsync(entry.GroupKey, "", cancellationToken) is null
                ? null
                : await reader.FindAsync(entry.GroupKey, entry.ContentKey, entry.Version, "", cancellationToken);
        }

        return current;
    }

    private async Task<StoredContent> GetDirectoryAsync(string groupKey, string contentKey, string space, CancellationToken cancellationToken)
    {
        var content = await reader.GetAsync(groupKey, contentKey, "", space, cancellationToken);
        return content.IsDirectory ? content : throw NoDirectory(contentKey);
    }

    private async Task<Dictionary<string, DirectoryEntry>> ChangeAsync(StoredContent directory, List<RedisArgument> arguments, int count, CancellationToken cancellationToken)
    {
        if (count == 0)
        {
            return await ListAsync(directory, cancellationToken);
        }

        var keys = await redis.KeysAsync(cancellationToken);
        var gid = directory.Group.Gid;
        var reply = await redis.RunAsync(
            BlobScripts.ChangeDirectory, [keys.Content(gid, directory.Key), keys.Directory(gid, directory.Cid)], arguments, cancellationToken);
        return reply.Word switch
        {
            "ok" => Read(reply[1].AsFields()),
            "there" => throw EventException.InvalidValue($"the file '{reply.Text(1)}' is in the directory already"),
            "unknown" => throw EventException.InvalidValue($"there is no file '{reply.Text(1)}' in the directory"),
            "absent" => throw EventException.NotFound($"there is no content '{directory.Key}'"),
            _ => throw NoDirectory(directory.Key),
        };
    }

    private static Dictionary<string, DirectoryEntry> Read(RedisFields files) =>
        files.ToDictionary(static file => file.Key, static file => DirectoryEntry.Parse(file.Value), StringComparer.Ordinal);

    private static EventException NoDirectory(string key) => EventException.InvalidValue($"the content '{key}' is no directory");
}
