using System.Security.Cryptography;
using Ducts.Redis;

namespace Ducts.Blobs.Storage;

/// <summary>Groups of contents.</summary>
internal sealed class GroupStore(BlobRedis redis)
{
    private static readonly string[] OwnFields = ["gid", "group_key", "group_key_text", "content_type"];

    /// <summary>Adds a group.</summary>
    /// <returns>Its key.</returns>
    /// <exception cref="EventException">It exists (KeyError), or there are too many fields (ValueError).</exception>
    public async Task<string> AddAsync(string key, string space, string contentType, IReadOnlyDictionary<string, object?> extra, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var groupKey = key.Length == 0 ? BlobKeys.Hash(RandomNumberGenerator.GetBytes(32)) : BlobKeys.GroupKeyOf(key, space);
        var text = key.Length == 0 || BlobKeys.IsHash(key) ? "" : BlobKeys.GroupTextOf(key, space);
        List<RedisArgument> arguments = [text, "group_key", groupKey];
        if (text.Length > 0)
        {
            arguments.AddRange(["group_key_text", text]);
        }

        arguments.AddRange(["content_type", contentType.Length > 0 ? contentType : FieldText.DefaultType]);
        foreach (var (name, value) in extra.Where(static field => !OwnFields.Contains(field.Key)))
        {
            arguments.AddRange([name, FieldText.Of(name, value)]);
        }

        var reply = await redis.RunAsync(BlobScripts.AddGroup, [keys.Group(groupKey), keys.GroupCounter, keys.GroupNames], arguments, cancellationToken);
        return reply.Word == "ok" ? groupKey : throw EventException.NotFound($"the group '{Shown(key, space)}' exists already");
    }

    /// <summary>Sets fields of a group.</summary>
    /// <returns>The new version, or the newest if nothing is changed.</returns>
    public async Task<string> UpdateAsync(string key, string space, string gid, IReadOnlyDictionary<string, object?> extra, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        List<RedisArgument> arguments = [gid];
        foreach (var (name, value) in extra)
        {
            arguments.AddRange([name, FieldText.Of(name, value)]);
        }

        var reply = await redis.RunAsync(BlobScripts.UpdateGroup, [keys.Group(BlobKeys.GroupKeyOf(key, space))], arguments, cancellationToken);
        return reply.Word switch
        {
            "ok" => reply.Text(1),
            "absent" => throw Absent(key, space),
            _ => throw EventException.InvalidValue($"{reply.Text(1)} of the group is '{reply.Text(2)}' and cannot be changed"),
        };
    }

    /// <summary>Deletes a group.</summary>
    /// <returns>How many keys were deleted.</returns>
    public async Task<long> DeleteAsync(string key, string space, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var reply = await redis.RunAsync(BlobScripts.DeleteGroup, [keys.Group(BlobKeys.GroupKeyOf(key, space)), keys.GroupNames], [keys.Prefix], cancellationToken);
        return reply[1].AsInt64();
    }

    /// <summary>Deletes everything.</summary>
    /// <returns>How many keys were deleted.</returns>
    public async Task<long> DeleteAllAsync(CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var reply = await redis.RunAsync(BlobScripts.DeleteAll, [keys.GroupCounter], [keys.Prefix], cancellationToken);
        return reply[1].AsInt64();
    }

    /// <summary>Returns a group; null if there is none.</summary>
    public async ValueTask<StoredGroup?> FindAsync(string key, string space, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var groupKey = BlobKeys.GroupKeyOf(key, space);
        return await redis.Client.XLastWithIdAsync(keys.Group(groupKey), cancellationToken) is { } entry ? new StoredGroup(groupKey, entry.Id, entry.Fields) : null;
    }

    /// <summary>Returns a group.</summary>
    /// <exception cref="EventException">There is none (KeyError).</exception>
    public async ValueTask<StoredGroup> GetAsync(string key, string space, CancellationToken cancellationToken) =>
        await FindAsync(key, space, cancellationToken) ?? throw Absent(key, space);

    /// <summary>Returns the keys of all groups.</summary>
    public async Task<List<string>> ListAsync(CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var groups = new List<string>();
        await foreach (var key in redis.Client.ScanAsync(keys.GroupPattern, cancellationToken))
        {
            groups.Add(keys.GroupKeyIn(key));
        }

        groups.Sort(StringComparer.Ordinal);
        return groups;
    }

    /// <summary>Returns the text keys of all groups that have one, in the order of their bytes.</summary>
    public async Task<string?[]> ListNamesAsync(CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        return (await redis.Client.ExecuteAsync("ZRANGE", [keys.GroupNames, 0, -1], cancellationToken)).AsStrings();
    }

    /// <summary>Returns versions of a group, newest first.</summary>
    /// <exception cref="EventException">There is no such group (KeyError).</exception>
    public async Task<object[][]> ListVersionsAsync(string key, string space, string version, int count, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var group = await GetAsync(key, space, cancellationToken);
        return await Versions.ListAsync(redis.Client, keys.Group(group.Key), version, count, cancellationToken);
    }

    private static EventException Absent(string key, string space) => EventException.NotFound($"there is no group '{Shown(key, space)}'");

    private static string Shown(string key, string space) => BlobKeys.IsHash(key) ? key : BlobKeys.GroupTextOf(key, space);
}
