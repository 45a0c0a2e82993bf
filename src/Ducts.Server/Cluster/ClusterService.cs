using Ducts.Redis;
using Ducts.Sessions;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Ducts.Cluster;

/// <summary>
/// Makes the server a node once it listens: renews its lease, watches the others', and ends the sessions of dead nodes whose clients do not
/// come back.
/// </summary>
internal sealed class ClusterService(
    IOptions<DuctsOptions> options,
    IServer server,
    IRedisSource redis,
    IClusterStore store,
    NodeLease lease,
    NodeWatch watch,
    NodeSecret secret,
    SessionPlacement placement,
    SessionRegistry sessions,
    NodeFeed feed,
    NodeFeedReceiver receiver,
    TimeProvider time,
    ClusterLog log) : IDisposable
{
    private const int SweepSize = 100;

    private static readonly SessionEnd NotBack = new(Protocol.CloseCode.Normal, "no reconnect");

    private readonly DuctsClusterOptions _options = options.Value.Cluster;
    private readonly TimeSpan _reconnectTimeout = options.Value.WebSocketServer.ReconnectTimeout;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private Task _following = Task.CompletedTask;
    private string _address = "";

    /// <summary>Joins the cluster.</summary>
    /// <exception cref="InvalidOperationException">Redis, or the address, is of no use for a cluster.</exception>
    /// <exception cref="RedisClientException">Redis is out of reach, or does not take writes.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _address = FindAddress();
        await CheckPolicyAsync(cancellationToken);
        await secret.LoadAsync(cancellationToken);
        var follows = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _following = feed.FollowAsync(receiver, follows, _stopping.Token);
        await Task.WhenAny(follows.Task, _following);
        // From now on it opens sessions.
        await lease.JoinAsync(_address, cancellationToken);
        await watch.LookAsync(cancellationToken);
        _running = RunAsync();
    }

    /// <summary>Leaves the cluster, once the sessions have ended.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running;
        await _following;
        lease.Leave();
        try
        {
            // Sessions that could not be ended go to other nodes once this one is marked.
            if (lease.Id.Length > 0)
                await store.ForgetAsync(lease.Id, cancellationToken);
        }
        catch (RedisClientException exception)
        {
            log.StoreFailed(exception);
        }
    }

    public void Dispose() => _stopping.Dispose();

    private string FindAddress() =>
        _options.NodeAddress.Length > 0
            ? _options.NodeAddress
            : NodeAddress.Of(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
                ?? throw new InvalidOperationException("The other nodes cannot reach this one: it listens at no address without TLS. Add one in the private network, and name it in node_address of [ducts.cluster_config].");

    // What Redis may throw away to make room would be sessions, and marks that must hold.
    private async Task CheckPolicyAsync(CancellationToken cancellationToken)
    {
        string memory;
        try
        {
            memory = (await redis.Client.ExecuteAsync("INFO", ["memory"], cancellationToken)).AsString() ?? "";
        }
        catch (RedisErrorException exception)
        {
            // Some services keep this to themselves.
            log.PolicyUnknown(exception.Message);
            return;
        }

        var policy = memory.Split('\n').Select(static line => line.Trim()).FirstOrDefault(static line => line.StartsWith("maxmemory_policy:", StringComparison.Ordinal));
        if (policy is not null && policy != "maxmemory_policy:noeviction")
        {
            throw new InvalidOperationException(
                $"Redis may evict keys ({policy}), which a cluster of servers cannot do without. Set maxmemory-policy noeviction in Redis, or cluster = false in [ducts.cluster_config].");
        }
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(watch.Interval, time);
        var sweeping = Task.CompletedTask;
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                await TurnAsync();
                if (sweeping.IsCompleted)
                    sweeping = SweepAsync();
            }
        }
        catch (OperationCanceledException)
        {
            await sweeping;
        }
    }

    private async Task TurnAsync()
    {
        try
        {
            if (!await lease.RaiseAsync(_stopping.Token))
            {
                log.WasMarked(lease.Id, sessions.Count);
                await sessions.DropAsync(lease.Id);
                await lease.JoinAsync(_address, _stopping.Token);
            }

            await watch.LookAsync(_stopping.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever it is: a node that stopped to renew its lease would lose its sessions.
            log.StoreFailed(exception);
        }

        lease.Look();
    }

    // Any node may; what one has claimed no other claims.
    private async Task SweepAsync()
    {
        foreach (var (node, since) in watch.Dead())
        {
            try
            {
                if (since >= _reconnectTimeout)
                    await SweepAsync(node);
                if (await store.ForgetAsync(node, _stopping.Token))
                {
                    watch.Forget(node);
                    log.Forgotten(node);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                log.SweepFailed(exception, node);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task SweepAsync(string node)
    {
        while (lease.IsValid && await store.SampleAsync(node, SweepSize, _stopping.Token) is { Count: > 0 } streamIds)
        {
            foreach (var streamId in streamIds)
            {
                if (await placement.UnnoteAsync(node, streamId, _stopping.Token))
                    continue;
                if (await sessions.AdoptAsync(streamId, _stopping.Token) is { } session)
                    await sessions.EndAsync(session, NotBack);
            }
        }
    }
}
