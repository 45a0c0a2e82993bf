using System.Globalization;
using Ducts.Redis;
using Ducts.Sessions;
using Microsoft.Extensions.Options;

namespace Ducts.Cluster;

/// <summary>Keeps in Redis what the nodes know in common; each step is one script, whose keys have one tag.</summary>
internal sealed class RedisClusterStore(IOptions<DuctsOptions> options, IRedisSource redis) : IClusterStore
{
    private const string OwnerField = "owner";
    private const string EpochField = "epoch";

    // A node of which nothing is known has been forgotten, so it is dead: a mark holds for good.
    private const string Raise = """
        if redis.call('HEXISTS', KEYS[1], 'lease') == 0 or redis.call('HEXISTS', KEYS[1], 'dead') == 1 then return 0 end
        return redis.call('HINCRBY', KEYS[1], 'lease', 1)
        """;

    private const string Mark = """
        local lease = redis.call('HGET', KEYS[1], 'lease')
        if lease and lease ~= ARGV[1] then return redis.call('HEXISTS', KEYS[1], 'dead') end
        if lease then redis.call('HSET', KEYS[1], 'dead', '1') end
        return 1
        """;

    private const string Forget = """
        if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
        redis.call('DEL', KEYS[1])
        return 1
        """;

    private const string Note = """
        if redis.call('HEXISTS', KEYS[1], 'lease') == 0 or redis.call('HEXISTS', KEYS[1], 'dead') == 1 then return 0 end
        redis.call('SADD', KEYS[2], ARGV[1])
        return 1
        """;

    // Epochs grow also where a record was removed meanwhile, so they are at least the time in milliseconds.
    private const string NextEpoch = """
        local function next_epoch(epoch)
          local time = redis.call('TIME')
          local now = time[1] * 1000 + math.floor(time[2] / 1000)
          if epoch and tonumber(epoch) >= now then now = tonumber(epoch) + 1 end
          return string.format('%.0f', now)
        end

        """;

    private const string Take = NextEpoch + """
        local owner = redis.call('HGET', KEYS[1], 'owner')
        if owner and owner ~= ARGV[1] then return redis.call('HGETALL', KEYS[1]) end
        local epoch = next_epoch(redis.call('HGET', KEYS[1], 'epoch'))
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'epoch', epoch, unpack(ARGV, 2))
        return {'owner', ARGV[1], 'epoch', epoch}
        """;

    private const string Claim = NextEpoch + """
        if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[2] or redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[3] then return '0' end
        local epoch = next_epoch(ARGV[3])
        redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'epoch', epoch)
        return epoch
        """;

    private const string Write = """
        if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], unpack(ARGV, 2))
        return 1
        """;

    private const string End = """
        if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
        redis.call('DEL', KEYS[1])
        if ARGV[2] ~= '0' then
          redis.call('HSET', KEYS[1], 'owner', '', 'epoch', ARGV[1])
          redis.call('PEXPIRE', KEYS[1], ARGV[2])
        end
        return 1
        """;

    private readonly ClusterKeys _keys = new(options.Value.Cluster.ClusterKey);

    private IRedisClient Client => redis.Client;

    public async ValueTask RegisterAsync(string node, string address, CancellationToken cancellationToken)
    {
        await Client.ExecuteAsync("HSET", [_keys.Node(node), "address", address, "lease", 1], cancellationToken);
        await Client.ExecuteAsync("SADD", [_keys.Nodes, node], cancellationToken);
    }

    public async ValueTask<bool> RaiseAsync(string node, CancellationToken cancellationToken) =>
        (await Client.EvalAsync(Raise, [_keys.Node(node)], [], cancellationToken)).AsInt64() != 0;

    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        (await Client.ExecuteAsync("SMEMBERS", [_keys.Nodes], cancellationToken)).AsStrings()!;

    public async ValueTask<NodeState> ReadNodeAsync(string node, CancellationToken cancellationToken)
    {
        var values = (await Client.ExecuteAsync("HMGET", [_keys.Node(node), "address", "lease", "dead"], cancellationToken)).AsStrings();
        return values[1] is { } lease
            ? new NodeState(node, values[0] ?? "", long.Parse(lease, CultureInfo.InvariantCulture), values[2] is not null)
            : new NodeState(node, "", 0, IsDead: true);
    }

    public async ValueTask<bool> MarkAsync(string node, long lease, CancellationToken cancellationToken) =>
        (await Client.EvalAsync(Mark, [_keys.Node(node)], [lease], cancellationToken)).AsInt64() != 0;

    public async ValueTask<bool> ForgetAsync(string node, CancellationToken cancellationToken)
    {
        if ((await Client.EvalAsync(Forget, [_keys.Node(node), _keys.SessionsOf(node)], [], cancellationToken)).AsInt64() == 0)
        {
            return false;
        }

        await Client.ExecuteAsync("SREM", [_keys.Nodes, node], cancellationToken);
        return true;
    }

    public async ValueTask<bool> NoteAsync(string node, string streamId, CancellationToken cancellationToken) =>
        (await Client.EvalAsync(Note, [_keys.Node(node), _keys.SessionsOf(node)], [streamId], cancellationToken)).AsInt64() != 0;

    public async ValueTask UnnoteAsync(string node, string streamId, CancellationToken cancellationToken) =>
        await Client.ExecuteAsync("SREM", [_keys.SessionsOf(node), streamId], cancellationToken);

    public async ValueTask<IReadOnlyList<string>> SampleAsync(string node, int count, CancellationToken cancellationToken) =>
        (await Client.ExecuteAsync("SRANDMEMBER", [_keys.SessionsOf(node), count], cancellationToken)).AsStrings()!;

    public async ValueTask<SessionRecord> TakeAsync(string node, string streamId, IReadOnlyList<KeyValuePair<string, string>> fields, CancellationToken cancellationToken) =>
        ToRecord((await Client.EvalAsync(Take, [_keys.Session(streamId)], [node, .. Flat(fields)], cancellationToken)).AsStrings())!;

    public async ValueTask<SessionRecord?> ReadAsync(string streamId, CancellationToken cancellationToken) =>
        ToRecord((await Client.ExecuteAsync("HGETALL", [_keys.Session(streamId)], cancellationToken)).AsFields());

    public async ValueTask<long> ClaimAsync(string node, string streamId, string owner, long epoch, CancellationToken cancellationToken) =>
        long.Parse((await Client.EvalAsync(Claim, [_keys.Session(streamId)], [node, owner, epoch], cancellationToken)).AsString()!, CultureInfo.InvariantCulture);

    public async ValueTask<bool> WriteAsync(string streamId, long epoch, IReadOnlyList<KeyValuePair<string, string>> fields, CancellationToken cancellationToken) =>
        (await Client.EvalAsync(Write, [_keys.Session(streamId)], [epoch, .. Flat(fields)], cancellationToken)).AsInt64() != 0;

    public async ValueTask<bool> EndAsync(string streamId, long epoch, TimeSpan? isOver, CancellationToken cancellationToken) =>
        (await Client.EvalAsync(End, [_keys.Session(streamId)], [epoch, (long)(isOver?.TotalMilliseconds ?? 0)], cancellationToken)).AsInt64() != 0;

    private static IEnumerable<RedisArgument> Flat(IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        foreach (var field in fields)
        {
            yield return field.Key;
            yield return field.Value;
        }
    }

    private static SessionRecord? ToRecord(IEnumerable<KeyValuePair<string, string>> fields)
    {
        var (owner, epoch) = ((string?)null, 0L);
        var others = new List<KeyValuePair<string, string>>();
        foreach (var field in fields)
        {
            switch (field.Key)
            {
                case OwnerField:
                    owner = field.Value;
                    break;
                case EpochField:
                    epoch = long.Parse(field.Value, CultureInfo.InvariantCulture);
                    break;
                default:
                    others.Add(field);
                    break;
            }
        }

        return owner is null ? null : new SessionRecord(owner, epoch, new SessionFields([.. others]));
    }

    // Names and values in turn, as a script returns them.
    private static SessionRecord? ToRecord(string?[] texts) =>
        ToRecord(Enumerable.Range(0, texts.Length / 2).Select(i => KeyValuePair.Create(texts[2 * i]!, texts[(2 * i) + 1]!)));
}
