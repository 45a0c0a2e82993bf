using System.Security.Cryptography;
using Ducts.Redis;
using Microsoft.Extensions.Options;

namespace Ducts.Cluster;

/// <summary>
/// This process as a node: the name that it has, and until when it may be sure that no other node has marked it as dead. A name ends
/// with its mark; another one takes its place then.
/// </summary>
/// <remarks>Threading: <see cref="JoinAsync"/> and <see cref="RaiseAsync"/> by one at a time; the other members by any thread.</remarks>
internal sealed class NodeLease(IOptions<DuctsOptions> options, IClusterStore store, TimeProvider time, ClusterLog log)
{
    private const int RandomBytes = 6;

    private readonly DuctsClusterOptions _options = options.Value.Cluster;
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _id = "";
    private long _raised;
    private bool _hasJoined;
    private bool _wasValid;

    /// <summary>Gets the name; empty before it has joined.</summary>
    public string Id => Volatile.Read(ref _id);

    /// <summary>Gets whether no other node can have marked this one as dead.</summary>
    public bool IsValid
    {
        get
        {
            lock (_gate)
                return IsValidNow;
        }
    }

    // Whoever marks it has seen the lease stand still for as long, which began later.
    private bool IsValidNow => _hasJoined && time.GetElapsedTime(_raised) < _options.NodeTtl;

    /// <summary>Makes this process known under a new name.</summary>
    /// <exception cref="RedisClientException">Redis is out of reach, or does not take writes.</exception>
    public async ValueTask JoinAsync(string address, CancellationToken cancellationToken)
    {
        var random = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));
        var id = _options.NodeId.Length == 0 ? random : $"{_options.NodeId}.{random}";
        var began = time.GetTimestamp();
        await store.RegisterAsync(id, address, cancellationToken);
        lock (_gate)
        {
            _id = id;
            (_hasJoined, _wasValid, _raised) = (true, true, began);
        }

        Change();
        log.Joined(id, address);
    }

    /// <summary>Renews the lease.</summary>
    /// <returns>False when the node has been marked as dead: it has nothing any more.</returns>
    /// <exception cref="RedisClientException">Redis is out of reach, or does not take writes.</exception>
    public async ValueTask<bool> RaiseAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var isAlive = await store.RaiseAsync(_id, cancellationToken);
        bool wasValid;
        lock (_gate)
        {
            wasValid = _wasValid;
            _hasJoined = _wasValid = isAlive;
            _raised = began;
        }

        Change();
        if (isAlive && !wasValid)
            log.LeaseRenewed(_id);
        return isAlive;
    }

    /// <summary>Tells the log when the lease has run out.</summary>
    public void Look()
    {
        lock (_gate)
        {
            if (!_wasValid || IsValidNow)
                return;
            _wasValid = false;
        }

        log.LeaseExpired(_id, _options.NodeTtl.TotalSeconds);
    }

    /// <summary>Returns whether what a name has is still its own; waits until that is certain.</summary>
    public async ValueTask<bool> HoldsAsync(string id)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (id != _id || !_hasJoined)
                    return false;
                if (IsValidNow)
                    return true;
                changed = _changed.Task;
            }

            await changed;
        }
    }

    /// <summary>The process leaves: nothing is its own any more.</summary>
    public void Leave()
    {
        lock (_gate)
            _hasJoined = false;
        Change();
    }

    private void Change()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
