using Ducts.Redis;
using Microsoft.Extensions.Options;

namespace Ducts.Blobs.Storage;

/// <summary>Writes contents and their versions, each by one script.</summary>
internal sealed class ContentStore(BlobRedis redis, GroupStore groups, ContentReader reader, BufferStore buffers, TimeProvider time, IOptions<DuctsOptions> options)
{
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Adds a content whose bytes are in the request.</summary>
    public Task<WrittenContent> AddAsync(string groupKey, string space, NewContent content, object? bytesOrText, CancellationToken cancellationToken)
    {
        var isText = bytesOrText is string;
        if (isText && content.Encoding.Length == 0)
        {
            content = content with { Encoding = FieldText.DefaultEncoding };
        }

        var source = ContentSource.Of(Checked(BytesOf(bytesOrText, content.Encoding)));
        var fields = ContentFields.OfNew(content, isText ? FieldText.TextType : FieldText.DefaultType, Now);
        return WriteAsync(new(WriteKind.Add, groupKey, space, content.Key, source, fields), cancellationToken);
    }

    /// <summary>Adds a content whose bytes are in a buffer. Without a key, equal bytes are a new version of the content that has them.</summary>
    public async Task<WrittenContent> AddByBufferAsync(
        string groupKey, string space, NewContent content, string owner, string bufferId, CancellationToken cancellationToken)
    {
        var kind = content.Key.Length == 0 ? WriteKind.Put : WriteKind.Add;
        var fields = ContentFields.OfNew(content, FieldText.DefaultType, Now);
        return await WriteBufferAsync(new(kind, groupKey, space, content.Key, ContentSource.None, fields), owner, bufferId, cancellationToken);
    }

    /// <summary>Adds a version of a content; without bytes, one that changes metadata only.</summary>
    public async Task<WrittenContent> UpdateAsync(
        string groupKey, string contentKey, object? content, string space, IReadOnlyDictionary<string, object?> extra, CancellationToken cancellationToken)
    {
        var fields = ContentFields.OfChange(extra, Now);
        if (content is null or string { Length: 0 } or byte[] { Length: 0 })
        {
            return await WriteAsync(new(WriteKind.Update, groupKey, space, contentKey, ContentSource.None, fields), cancellationToken);
        }

        var encoding = "";
        if (content is string)
        {
            encoding = extra.TryGetValue("encoding", out var wanted) ? FieldText.Of("encoding", wanted) : "";
            if (encoding.Length == 0)
            {
                var old = await reader.GetAsync(groupKey, contentKey, "", space, cancellationToken);
                encoding = old.Fields.GetValueOrDefault("encoding", "") is { Length: > 0 } recorded ? recorded : FieldText.DefaultEncoding;
                fields.Set.RemoveAll(static field => field.Key == "encoding");
                fields.Set.Add(new("encoding", encoding));
            }
        }

        var source = ContentSource.Of(Checked(BytesOf(content, encoding)));
        return await WriteAsync(new(WriteKind.Update, groupKey, space, contentKey, source, fields), cancellationToken);
    }

    /// <summary>Adds a version of a content whose bytes are in a buffer.</summary>
    public Task<WrittenContent> UpdateByBufferAsync(
        string groupKey, string owner, string bufferId, string contentKey, string space, IReadOnlyDictionary<string, object?> extra, CancellationToken cancellationToken) =>
        WriteBufferAsync(new(WriteKind.Update, groupKey, space, contentKey, ContentSource.None, ContentFields.OfChange(extra, Now)), owner, bufferId, cancellationToken);

    /// <summary>Adds an empty directory.</summary>
    public async Task<WrittenContent> AddDirectoryAsync(string groupKey, string contentKey, object? order, string space, IReadOnlyDictionary<string, object?> extra, CancellationToken cancellationToken)
    {
        while (true)
        {
            var keys = await redis.KeysAsync(cancellationToken);
            var group = await groups.GetAsync(groupKey, space, cancellationToken);
            // A number that is taken and not used afterwards leaves a gap, and nothing else.
            var reply = await redis.RunAsync(BlobScripts.NextContentId, [keys.Group(group.Key), keys.ContentCounter(group.Gid)], [group.Gid], cancellationToken);
            if (reply.Word != "ok")
            {
                continue;
            }

            var number = reply[1].AsInt64();
            var place = FieldText.Order(order) is { Length: > 0 } given ? given : FieldText.Of("order", number * 10);
            var content = NewContent.Of(contentKey, FieldText.DirectoryType) with { Order = place, Extra = extra };
            var fields = ContentFields.OfNew(content, FieldText.DirectoryType, Now);
            fields.Set.Add(new("is_dir", "1"));
            return await WriteAsync(
                new(WriteKind.Add, groupKey, space, contentKey, ContentSource.OfDirectory(FieldText.Of("cid", number)), fields), cancellationToken);
        }
    }

    /// <summary>Makes an older version the newest.</summary>
    public async Task<WrittenContent> RevertAsync(string groupKey, string contentKey, string toVersion, string space, CancellationToken cancellationToken)
    {
        while (true)
        {
            var keys = await redis.KeysAsync(cancellationToken);
            var old = await reader.GetAsync(groupKey, contentKey, toVersion, space, cancellationToken);
            var (gid, key) = (old.Group.Gid, old.Key);
            var reply = await redis.RunAsync(
                BlobScripts.RevertContent,
                [keys.Group(old.Group.Key), keys.Content(gid, key), keys.ContentKeys(gid)],
                [gid, old.Version, FieldText.Seconds(Now)],
                cancellationToken);
            if (reply.Word == "ok")
            {
                return new WrittenContent(old.Group.Key, key, reply.Text(1));
            }

            // The group was deleted meanwhile: reading again tells.
        }
    }

    /// <summary>Writes a version of a content.</summary>
    /// <returns>What was written; never null unless <see cref="ContentWrite.Expected"/> is set.</returns>
    public async Task<WrittenContent?> TryWriteAsync(ContentWrite write, CancellationToken cancellationToken)
    {
        while (true)
        {
            var keys = await redis.KeysAsync(cancellationToken);
            var group = await groups.GetAsync(write.GroupKey, write.Namespace, cancellationToken);
            var (gid, source) = (group.Gid, write.Source);
            var contentKey = write.ContentKey.Length > 0
                ? BlobKeys.ContentKeyOf(write.ContentKey)
                : BlobKeys.Hash(BlobKeys.ObjectName(gid, source.Cid, source.IsDirectory));
            var target = source.IsDirectory ? keys.Directory(gid, source.Cid) : keys.Object(gid, source.Cid);
            var buffer = source.BufferId.Length > 0 ? keys.Buffer(source.Owner, source.BufferId) : target;
            var reply = await redis.RunAsync(
                BlobScripts.WriteContent,
                [keys.Group(group.Key), keys.Content(gid, contentKey), keys.ContentKeys(gid), keys.ContentCounter(gid), target, buffer],
                ArgumentsOf(write, group, contentKey),
                cancellationToken);
            switch (reply.Word)
            {
                case "ok":
                    return new WrittenContent(group.Key, contentKey, reply.Text(1));
                case "group":
                    // Deleted, and perhaps added again, meanwhile.
                    continue;
                case "changed":
                    return null;
                default:
                    throw Refusal(write, reply);
            }
        }
    }

    private async Task<WrittenContent> WriteAsync(ContentWrite write, CancellationToken cancellationToken) => (await TryWriteAsync(write, cancellationToken))!;

    private Task<WrittenContent> WriteBufferAsync(ContentWrite write, string owner, string bufferId, CancellationToken cancellationToken) =>
        buffers.TakeAsync(owner, bufferId, source => WriteAsync(write with { Source = source }, cancellationToken), cancellationToken);

    private List<RedisArgument> ArgumentsOf(ContentWrite write, StoredGroup group, string contentKey)
    {
        var source = write.Source;
        RedisArgument bytes = source.IsDirectory ? DirectoryEntry.ValueOf(group.Key, contentKey, isDirectory: true) : source.Bytes;
        List<RedisArgument> arguments =
        [
            group.Gid, write.Kind switch { WriteKind.Add => "add", WriteKind.Update => "update", _ => "put" }, write.Expected ?? "",
            source.Kind, FieldText.Seconds(Now), bytes, source.Cid, source.Length, write.Fields.Defaults.Count,
        ];
        foreach (var (name, value) in write.Fields.Defaults.Concat(write.Fields.Set))
        {
            arguments.AddRange([name, value]);
        }

        if (write.Kind != WriteKind.Update)
        {
            arguments.AddRange(["content_key", contentKey]);
        }

        return arguments;
    }

    private static EventException Refusal(ContentWrite write, ScriptReply reply) => reply.Word switch
    {
        "exists" => EventException.NotFound($"the content '{write.ContentKey}' exists already in the group '{write.GroupKey}'"),
        "absent" => EventException.NotFound($"there is no content '{write.ContentKey}' in the group '{write.GroupKey}'"),
        "directory" => EventException.InvalidValue($"the content '{write.ContentKey}' is a directory, which has no bytes"),
        "buffer" => BufferStore.Absent(write.Source.BufferId),
        "appended" => EventException.InvalidValue($"the buffer '{write.Source.BufferId}' was appended to meanwhile"),
        _ => EventException.InvalidValue($"{reply.Text(1)} of the content is '{reply.Text(2)}' and cannot be changed"),
    };

    private static byte[] BytesOf(object? content, string encoding) => content switch
    {
        string text => FieldText.Encode(text, encoding),
        byte[] bytes => bytes,
        _ => throw EventException.InvalidValue("content: expected text or bytes"),
    };

    private byte[] Checked(byte[] bytes) => bytes.LongLength <= options.Value.Blobs.BlobsMaxSize ? bytes : throw buffers.TooLarge();
}
