using Ducts.Redis;
using Ducts.Sessions;
using Microsoft.Extensions.Options;

namespace Ducts.Cluster;

/// <summary>
/// A stream in Redis that all nodes follow: what one adds, each of the others does, in the same order. A node that was cut off from Redis
/// reads what it has missed.
/// </summary>
internal sealed class NodeFeed(IOptions<DuctsOptions> options, IRedisSource redis, NodeLease lease, TimeProvider time, ClusterLog log) : IServerFeed
{
    private const string NodeField = "node";
    private const string KindField = "kind";
    private const string SubjectField = "subject";
    private const string IssuerField = "issuer";
    private const string ReasonField = "reason";
    private const string CloseUserKind = "close-user";

    // Far more than are added while a node is away that is not marked as dead meanwhile.
    private const int Kept = 100_000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ClusterKeys _keys = new(options.Value.Cluster.ClusterKey);

    public async ValueTask CloseUserAsync(string subject, string? issuer, string reason, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> fields =
        [
            new(NodeField, lease.Id),
            new(KindField, CloseUserKind),
            new(SubjectField, subject),
            new(ReasonField, reason),
        ];
        if (issuer is not null)
            fields.Add(new(IssuerField, issuer));
        await redis.Client.XAddAndPublishAsync(_keys.Feed, _keys.Feed, fields, Kept, cancellationToken);
    }

    /// <summary>Does what other nodes add, until it is cancelled.</summary>
    /// <param name="users">The users whose sessions are closed.</param>
    /// <param name="started">Ends once nothing is missed that is added from then on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task FollowAsync(UserCollection users, TaskCompletionSource started, CancellationToken cancellationToken)
    {
        string? last = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                // What was added before this node had sessions concerns none of them.
                last ??= await LastIdAsync(cancellationToken);
                started.TrySetResult();
                await foreach (var entry in redis.Client.SubAndXRangeAfterAsync(_keys.Feed, _keys.Feed, last, cancellationToken))
                {
                    last = entry.Id;
                    Act(entry.Fields, users);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (RedisClientException exception)
            {
                log.StoreFailed(exception);
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async ValueTask<string> LastIdAsync(CancellationToken cancellationToken)
    {
        var newest = await redis.Client.ExecuteAsync("XREVRANGE", [_keys.Feed, "+", "-", "COUNT", 1], cancellationToken);
        return newest.Count == 0 ? "0-0" : newest[0][0].AsString()!;
    }

    private void Act(RedisFields fields, UserCollection users)
    {
        if (!fields.TryGetValue(KindField, out var kind) || !fields.TryGetValue(NodeField, out var node) || node == lease.Id)
            return;
        // A node of a later version may add what this one does not know.
        if (kind == CloseUserKind && fields.TryGetValue(SubjectField, out var subject))
            users.CloseHere(subject, fields.GetValueOrDefault(IssuerField), fields.GetValueOrDefault(ReasonField, ""));
    }
}
