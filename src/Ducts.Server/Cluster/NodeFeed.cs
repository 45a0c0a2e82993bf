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
    private const string NameField = "name";
    private const string IssuerField = "issuer";
    private const string ReasonField = "reason";
    private const string ModeField = "mode";
    private const string DataField = "data";
    private const string CloseUserKind = "close-user";
    private const string PushKind = "push-";

    // Far more than are added while a node is away that is not marked as dead meanwhile.
    private const int Kept = 100_000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ClusterKeys _keys = new(options.Value.Cluster.ClusterKey);

    public ValueTask CloseUserAsync(string subject, string? issuer, string reason, CancellationToken cancellationToken) =>
        AddAsync(CloseUserKind, subject, issuer, new Dictionary<string, object?> { [ReasonField] = reason }, cancellationToken);

    public ValueTask PushAsync(PushScope scope, byte[] packed, PushMode mode, CancellationToken cancellationToken) =>
        AddAsync(
            PushKind + scope.Kind,
            scope.Name,
            scope.Issuer,
            new Dictionary<string, object?> { [DataField] = packed, [ModeField] = mode.ToString() },
            cancellationToken);

    /// <summary>Does what other nodes add, until it is cancelled.</summary>
    /// <param name="receiver">Does it.</param>
    /// <param name="started">Ends once nothing is missed that is added from then on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task FollowAsync(NodeFeedReceiver receiver, TaskCompletionSource started, CancellationToken cancellationToken)
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
                    TryAct(entry, receiver);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever it is, such as a reader that has fallen behind: it reads on behind what it has seen.
                log.FeedFailed(exception);
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async ValueTask AddAsync(string kind, string name, string? issuer, Dictionary<string, object?> fields, CancellationToken cancellationToken)
    {
        fields.Add(NodeField, lease.Id);
        fields.Add(KindField, kind);
        fields.Add(NameField, name);
        if (issuer is not null)
            fields.Add(IssuerField, issuer);
        await redis.Client.XAddAndPublishAsync(_keys.Feed, _keys.Feed, fields, Kept, cancellationToken);
    }

    private async ValueTask<string> LastIdAsync(CancellationToken cancellationToken)
    {
        var newest = await redis.Client.ExecuteAsync("XREVRANGE", [_keys.Feed, "+", "-", "COUNT", 1], cancellationToken);
        return newest.Count == 0 ? "0-0" : newest[0][0].AsString()!;
    }

    // What one entry fails at must not keep the node from the next.
    private void TryAct(RedisStreamEntry entry, NodeFeedReceiver receiver)
    {
        try
        {
            Act(entry.Fields, receiver);
        }
        catch (Exception exception)
        {
            log.EntryFailed(exception, entry.Id);
        }
    }

    private void Act(RedisFields fields, NodeFeedReceiver receiver)
    {
        if (!fields.TryGetValue(KindField, out var kind) || !fields.TryGetValue(NodeField, out var node) || node == lease.Id
            || !fields.TryGetValue(NameField, out var name))
        {
            return;
        }

        var issuer = fields.GetValueOrDefault(IssuerField);
        if (kind == CloseUserKind)
        {
            receiver.CloseUser(name, issuer, fields.GetValueOrDefault(ReasonField, ""));
        }
        else if (kind.StartsWith(PushKind, StringComparison.Ordinal) && fields.TryGetBytes(DataField, out var data)
            && Enum.TryParse<PushScopeKind>(kind.AsSpan(PushKind.Length), out var scope)
            && Enum.TryParse<PushMode>(fields.GetValueOrDefault(ModeField), out var mode))
        {
            receiver.Push(new PushScope(scope, name, issuer), data.Span, mode);
        }

        // A node of a later version may add what this one does not know.
    }
}
