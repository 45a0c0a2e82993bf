using System.Runtime.CompilerServices;
using Ducts.Redis;

namespace Ducts.Blobs.Storage;

/// <summary>Finds versions of contents, and reads their bytes in pieces.</summary>
internal sealed class ContentReader(BlobRedis redis, GroupStore groups)
{
    /// <summary>The largest piece of an upload in bytes.</summary>
    public const int PieceSize = 512 * 1024;

    /// <summary>The largest piece that is read: below what the runtime takes for a large object, whose garbage stays for long.</summary>
    private const int ReadSize = 64 * 1024;

    /// <summary>How many pieces are under way at once, so that no round trip is waited for.</summary>
    private const int ReadsAhead = 16;

    /// <summary>How many contents of a group are asked for at once.</summary>
    private const int Chunk = 100;

    /// <summary>Returns a version of a content; null if there is no such content or version.</summary>
    /// <exception cref="EventException">There is no such group (KeyError).</exception>
    public async ValueTask<StoredContent?> FindAsync(string groupKey, string contentKey, string version, string space, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var group = await groups.GetAsync(groupKey, space, cancellationToken);
        var key = BlobKeys.ContentKeyOf(contentKey);
        return await Versions.FindAsync(redis.Client, keys.Content(group.Gid, key), version, cancellationToken) is { } entry
            ? new StoredContent(group, key, entry.Id, entry.Fields)
            : null;
    }

    /// <summary>Returns a version of a content.</summary>
    /// <exception cref="EventException">There is no such group, content or version (KeyError).</exception>
    public async ValueTask<StoredContent> GetAsync(string groupKey, string contentKey, string version, string space, CancellationToken cancellationToken) =>
        await FindAsync(groupKey, contentKey, version, space, cancellationToken)
        ?? throw EventException.NotFound(Versions.IsNewest(version)
            ? $"there is no content '{contentKey}' in the group '{groupKey}'"
            : $"there is no version '{version}' of the content '{contentKey}' in the group '{groupKey}'");

    /// <summary>Returns the keys of a group's contents by their order.</summary>
    public async Task<string?[]> ListAsync(string groupKey, string space, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var group = await groups.GetAsync(groupKey, space, cancellationToken);
        return (await redis.Client.ExecuteAsync("ZRANGE", [keys.ContentKeys(group.Gid), 0, -1], cancellationToken)).AsStrings();
    }

    /// <summary>Returns versions of a content, newest first.</summary>
    public async Task<object[][]> ListVersionsAsync(string groupKey, string contentKey, string version, string space, int count, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var content = await GetAsync(groupKey, contentKey, "", space, cancellationToken);
        return await Versions.ListAsync(redis.Client, keys.Content(content.Group.Gid, content.Key), version, count, cancellationToken);
    }

    /// <summary>Returns the metadata of the contents of a group that have one of the wanted values, by their order.</summary>
    public async IAsyncEnumerable<RedisFields> FilterAsync(
        string groupKey, string space, IReadOnlyDictionary<string, object?> wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var group = await groups.GetAsync(groupKey, space, cancellationToken);
        var values = wanted.Select(static field => KeyValuePair.Create(field.Key, FieldText.Of(field.Key, field.Value))).ToList();
        var all = await redis.Client.ExecuteAsync("ZRANGE", [keys.ContentKeys(group.Gid), 0, -1], cancellationToken);
        foreach (var chunk in all.AsStrings().Chunk(Chunk))
        {
            var batch = new RedisBatch();
            foreach (var content in chunk)
            {
                batch.Add("XREVRANGE", keys.Content(group.Gid, content!), "+", "-", "COUNT", 1);
            }

            foreach (var reply in await redis.Client.BatchAsync(batch, cancellationToken))
            {
                if (reply.Count == 1 && reply[0][1].AsFields() is var fields && values.Exists(wish => fields.GetValueOrDefault(wish.Key) == wish.Value))
                {
                    yield return fields;
                }
            }
        }
    }

    /// <summary>Returns the length of a content as it is stored.</summary>
    /// <exception cref="EventException">It is a directory (ValueError), or the bytes are gone (KeyError).</exception>
    public async ValueTask<long> LengthOfAsync(StoredContent content, CancellationToken cancellationToken)
    {
        if (content.IsDirectory)
        {
            throw EventException.InvalidValue("a directory has no bytes; list its files by BLOBS_DIR_LIST_FILES");
        }

        var keys = await redis.KeysAsync(cancellationToken);
        var key = keys.Object(content.Group.Gid, content.Cid);
        var length = (await redis.Client.ExecuteAsync("STRLEN", [key], cancellationToken)).AsInt64();
        // An empty one is a key, too.
        return length > 0 || (await redis.Client.ExecuteAsync("EXISTS", [key], cancellationToken)).AsInt64() == 1
            ? length
            : throw EventException.NotFound("the bytes of the content are gone");
    }

    /// <summary>Reads bytes of a content, each piece while the one before is on its way out.</summary>
    /// <param name="content">The content.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="length">How many bytes; there are as many.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    /// <exception cref="EventException">The content was deleted meanwhile (KeyError).</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        StoredContent content, long start, long length, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        await foreach (var piece in ReadAsync(keys.Object(content.Group.Gid, content.Cid), start, length, cancellationToken))
        {
            yield return piece;
        }
    }

    /// <summary>Reads bytes of a value in Redis, each piece while the one before is in use.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(string key, long start, long length, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = start + length;
        var next = start;
        var pending = new Queue<Task<RedisReply>>();
        try
        {
            while (start < end)
            {
                for (; pending.Count < ReadsAhead && next < end; next += ReadSize)
                {
                    pending.Enqueue(RangeAsync(next));
                }

                var piece = (await pending.Dequeue()).AsBytes();
                if (piece.Length != Math.Min(ReadSize, end - start))
                {
                    throw EventException.NotFound("the content was deleted while it was read");
                }

                start += piece.Length;
                yield return piece;
            }
        }
        finally
        {
            // Whoever stops reading early still has some under way.
            await Task.WhenAll(pending).ContinueWith(static reads => _ = reads.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        async Task<RedisReply> RangeAsync(long from) =>
            await redis.Client.ExecuteAsync("GETRANGE", [key, from, Math.Min(from + ReadSize, end) - 1], cancellationToken);
    }
}
