using Ducts.Redis;

namespace Ducts.Blobs.Storage;

/// <summary>The server's Redis as the stores use it: the keys that fit it, and replies of scripts.</summary>
// Threading: any thread.
internal sealed class BlobRedis(IRedisClient client)
{
    /// <summary>Stands before all keys in a cluster, whose scripts and renames work within one slot.</summary>
    private const string ClusterPrefix = "{BLOBS}/";

    private static readonly BlobKeys Plain = new("");
    private static readonly BlobKeys Tagged = new(ClusterPrefix);

    private volatile BlobKeys? _keys;

    public IRedisClient Client => client;

    /// <summary>Returns the keys of this Redis; it is asked once whether it is a cluster.</summary>
    public ValueTask<BlobKeys> KeysAsync(CancellationToken cancellationToken) => _keys is { } keys ? new(keys) : FindKeysAsync(cancellationToken);

    /// <summary>Runs a script of <see cref="BlobScripts"/>, whose reply begins with a word that says what came of it.</summary>
    /// <exception cref="EventException">It would write metadata of too many fields (ValueError); it has written nothing.</exception>
    public async ValueTask<ScriptReply> RunAsync(string script, string[] keys, IReadOnlyList<RedisArgument> arguments, CancellationToken cancellationToken)
    {
        var reply = new ScriptReply(await client.EvalAsync(script, keys, [.. arguments], cancellationToken));
        return reply.Word != BlobScripts.TooManyFields
            ? reply
            : throw EventException.InvalidValue($"the metadata has more than {BlobScripts.MaxFields} fields");
    }

    private async ValueTask<BlobKeys> FindKeysAsync(CancellationToken cancellationToken)
    {
        var info = (await client.ExecuteAsync("INFO", ["cluster"], cancellationToken)).AsString() ?? "";
        return _keys = info.Contains("cluster_enabled:1", StringComparison.Ordinal) ? Tagged : Plain;
    }
}

/// <summary>The reply of a script.</summary>
internal readonly struct ScriptReply(RedisReply reply)
{
    public string Word => reply[0].AsString()!;

    public RedisReply this[int index] => reply[index];

    public string Text(int index) => reply[index].AsString() ?? "";
}
