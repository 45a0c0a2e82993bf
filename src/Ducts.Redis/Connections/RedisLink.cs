using System.Net;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Ducts.Redis.Connections;

/// <summary>A client's multiplexer, its own or an application's: how it stands, and how to make it look again.</summary>
// Threading: the callbacks come on any thread, and in any order.
internal sealed class RedisLink : IAsyncDisposable
{
    /// <summary>The shortest time between two looks for a better server: a look costs each node a few commands.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    private readonly RedisClientOptions _options;
    private readonly ILogger _logger;
    private readonly RedisTransport? _transport;
    private IConnectionMultiplexer? _multiplexer;
    private long _lookedAt;
    private int _isLooking;
    private long _reconnects;
    private int _lost;
    private bool _isDisposed;

    private RedisLink(RedisTarget target, RedisClientOptions options, ILogger logger, bool isExternal)
    {
        Target = target;
        _options = options;
        _logger = logger;
        FirstSubscription = new FirstSubscription(options);
        Since = options.TimeProvider.GetUtcNow();
        _transport = isExternal ? null : new RedisTransport(target, options)
        {
            Lost = OnLost,
            SubscriptionOpened = node => SubscriptionOpened?.Invoke(node),
            SubscriptionLost = () => SubscriptionLost?.Invoke(),
        };
    }

    /// <summary>Gets or sets what is called when a connection for commands was lost (false) or is there (true).</summary>
    public Action<bool>? Changed { get; set; }

    /// <summary>Gets or sets what is called when a subscribing connection may have taken the place of another to the same node.</summary>
    public Action<EndPoint?>? SubscriptionOpened { get; set; }

    /// <summary>Gets or sets what is called when a subscribing connection is lost, or could not be opened.</summary>
    public Action? SubscriptionLost { get; set; }

    /// <summary>Gets what tells when channels may be joined.</summary>
    public FirstSubscription FirstSubscription { get; }

    public RedisTarget Target { get; }

    public IConnectionMultiplexer Multiplexer => _multiplexer!;

    public IDatabase Database { get; private set; } = null!;

    public bool IsCluster { get; private set; }

    /// <summary>Gets to which servers commands may go: a replica's answer may be old, and where roles change it is not asked.</summary>
    public CommandFlags Flags { get; private set; }

    /// <summary>Gets whether the multiplexer is an application's.</summary>
    public bool IsExternal => _transport is null;

    public DateTimeOffset Since { get; private set; }

    public string? LastError { get; private set; }

    public long Reconnects => Interlocked.Read(ref _reconnects);

    public string Endpoint => _transport?.LastEndpoint ?? Masters.Select(static server => RedisTransport.Describe(server.EndPoint)).FirstOrDefault() ?? Target.Description;

    /// <summary>Gets whether there is any connection to send a command over.</summary>
    public bool CanSend => _multiplexer is { IsConnected: true } && !_isDisposed && (_transport is null || IsCluster || _transport.Single is not null);

    /// <summary>Gets whether all masters can be reached.</summary>
    public bool IsConnected
    {
        get
        {
            if (!CanSend)
            {
                return false;
            }

            var masters = Masters;
            return masters.Count > 0 && (IsCluster ? masters.All(static server => server.IsConnected) : masters.Any(static server => server.IsConnected));
        }
    }

    /// <summary>Gets the servers that have keys.</summary>
    public IReadOnlyList<IServer> Masters
    {
        get
        {
            if (IsCluster)
            {
                return ClusterMap.Masters(Multiplexer);
            }

            var servers = Multiplexer.GetServers();
            return servers.Length == 1 ? servers : [.. servers.Where(static server => !server.IsReplica)];
        }
    }

    /// <summary>Opens a multiplexer of the client's own.</summary>
    public static async Task<RedisLink> OpenAsync(RedisTarget target, RedisClientOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        var link = new RedisLink(target, options, logger, isExternal: false);
        try
        {
            var configuration = target.MustBeCluster ? target.ConfigureCluster(link._transport!)
                : target.SentinelName is null ? target.Configure(link._transport!, target.EndPoints)
                : target.Configure(link._transport!, target.EndPoints[0]);
            configuration.ConnectionAttemptCompleted += link.OnAttempt;
            var multiplexer = await MultiplexerOpener.OpenAsync(configuration, link._transport!, options, cancellationToken);
            link.FirstSubscription.Watch(multiplexer);
            link.Use(multiplexer);
            await link.CheckAsync(cancellationToken);
            if (target.MustBeCluster)
            {
                link.FirstSubscription.SetReady();
            }
        }
        catch
        {
            await link.DisposeAsync();
            throw;
        }

        EndPoint[] nodes = link.IsCluster ? [.. target.EndPoints.Union(ClusterMap.Nodes(link.Multiplexer))] : [];
        if (!link.IsCluster || (target.MustBeCluster && nodes.Length == target.EndPoints.Count))
        {
            return link;
        }

        // Only now the nodes are known. The library drops a node that it has not been told of when the map lacks it for a
        // moment, as during a failover, and may never connect to it again. So it is told of all of them.
        await link.DisposeAsync();
        return await OpenAsync(target.ForCluster(nodes), options, logger, cancellationToken);
    }

    /// <summary>Uses an application's multiplexer, which stays the application's.</summary>
    public static RedisLink Attach(IConnectionMultiplexer multiplexer, RedisTarget target, RedisClientOptions options, ILogger logger)
    {
        var link = new RedisLink(target, options, logger, isExternal: true);
        multiplexer.ConnectionFailed += link.OnExternalFailed;
        multiplexer.ConnectionRestored += link.OnExternalRestored;
        link.Use(multiplexer);
        return link;
    }

    /// <summary>
    /// Whether the node of a key is known to be lost. The library would ask another node, be redirected to the lost one,
    /// and keep the command for it without a limit.
    /// </summary>
    public bool IsOwnerLost(RedisKey key)
    {
        if (Volatile.Read(ref _lost) == 0)
        {
            return false;
        }

        if (!ClusterMap.IsOwnerLost(Multiplexer, key))
        {
            return false;
        }

        LookAgain("the node of a key is not connected");
        return true;
    }

    public void Sweep(bool hasExpired) => _transport?.Sweep(hasExpired);

    /// <summary>Looks for a better server, after one has said that it is the wrong one: by new connections, or by the cluster's map.</summary>
    public void LookAgain(string reason)
    {
        var now = _options.TimeProvider.GetTimestamp();
        var interval = _transport is null || IsCluster ? LookInterval : _options.ReconnectMaxPause;
        var last = Interlocked.Read(ref _lookedAt);
        if ((last != 0 && _options.TimeProvider.GetElapsedTime(last, now) < interval) || Interlocked.CompareExchange(ref _lookedAt, now, last) != last)
        {
            return;
        }

        if (_transport is not null && !IsCluster)
        {
            RedisLog.LookingAgain(_logger, Endpoint, reason);
            _transport.AbortAll(reason);
            return;
        }

        if (Interlocked.Exchange(ref _isLooking, 1) == 0)
        {
            _ = ConfigureAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        if (_multiplexer is null)
        {
            return;
        }

        if (_transport is null)
        {
            _multiplexer.ConnectionFailed -= OnExternalFailed;
            _multiplexer.ConnectionRestored -= OnExternalRestored;
            return;
        }

        await MultiplexerOpener.CloseAsync(_multiplexer, _transport, "The Redis client was disposed of.");
    }

    private void Use(IConnectionMultiplexer multiplexer)
    {
        _multiplexer = multiplexer;
        Database = multiplexer.GetDatabase(_transport is null ? -1 : Target.Database);
        ReadTopology();
        foreach (var server in multiplexer.GetServers())
        {
            if (_transport is not null && !IsCluster)
            {
                // Redis itself says READONLY, which is an answer; the library's refusal would be none.
                server.AllowReplicaWrites = true;
            }

            if (server.IsConnected)
            {
                // The library's event may come later than a loss of the connection.
                _transport?.MarkEstablished(server.EndPoint, ConnectionType.Interactive);
                RedisLog.Connected(_logger, "commands", RedisTransport.Describe(server.EndPoint));
            }
        }
    }

    // An application's multiplexer may be connecting still, and not know yet what it connects to.
    private void ReadTopology()
    {
        IsCluster |= Multiplexer.GetServers().Any(static server => server.ServerType == ServerType.Cluster);
        Flags = IsCluster || Target.SentinelName is not null ? CommandFlags.DemandMaster : CommandFlags.None;
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (Target.MustBeCluster && !IsCluster)
        {
            throw new RedisUnavailableException($"Redis at {Target.Description} is not a cluster.");
        }

        if (Target.Database == 0)
        {
            return;
        }

        try
        {
            await Database.ExecuteAsync("EXISTS", [(RedisKey)"ducts"]).WaitAsync(_options.ConnectTimeout, _options.TimeProvider, cancellationToken);
        }
        catch (RedisServerException exception) when (FailureReader.IsDenial(exception))
        {
            // The user may not look at this key; the database was selected all the same.
        }
        catch (RedisCommandException exception)
        {
            throw new RedisErrorException("ERR DB index is out of range: " + FailureReader.Describe(exception), exception);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw FailureReader.Read(exception);
        }
    }

    private async Task ConfigureAsync()
    {
        try
        {
            ClusterMap.WakeAll(Multiplexer);
            // The library may wait for a node that it does not connect to; without a bound, that look would be the last.
            await Multiplexer.ConfigureAsync().WaitAsync(_options.ConnectTimeout, _options.TimeProvider);
            ClusterMap.WakeAll(Multiplexer);
        }
        catch (Exception exception)
        {
            RedisLog.NotConnected(_logger, "commands", FailureReader.Describe(exception));
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private void OnAttempt(object? sender, ConnectionAttemptCompletedEventArgs attempt)
    {
        var name = attempt.ConnectionType == ConnectionType.Subscription ? "subscriptions" : "commands";
        if (!attempt.IsSuccess)
        {
            if (attempt.ConnectionType == ConnectionType.Subscription)
            {
                SubscriptionLost?.Invoke();
            }

            if (!_isDisposed && _multiplexer is not null)
            {
                LastError = FailureReader.ReadAttempt(attempt).Message;
                RedisLog.NotConnected(_logger, name, LastError);
            }

            return;
        }

        _transport!.MarkEstablished(attempt.EndPoint, attempt.ConnectionType);
        OnRestored(name, attempt.ConnectionType == ConnectionType.Subscription ? string.Empty : Endpoint);
    }

    private void OnRestored(string name, string endpoint)
    {
        if (name != "commands")
        {
            return;
        }

        var isRegained = Volatile.Read(ref _lost) != 0 && (!IsCluster || IsConnected) && Interlocked.Exchange(ref _lost, 0) != 0;
        if (isRegained)
        {
            RedisLog.Regained(_logger, name, endpoint);
        }

        LastError = null;
        Since = _options.TimeProvider.GetUtcNow();
        if (isRegained || IsCluster)
        {
            // The first connection is no change; word of it may come late.
            Changed?.Invoke(true);
        }
    }

    private void OnLost(WatchedStream stream)
    {
        if (_isDisposed)
        {
            return;
        }

        OnLost(stream.IsSubscription ? "subscriptions" : "commands", stream.Endpoint, stream.AbortReason ?? "the connection was closed.");
    }

    private void OnLost(string name, string endpoint, string reason)
    {
        RedisLog.Lost(_logger, name, endpoint, reason);
        if (name != "commands")
        {
            return;
        }

        Interlocked.Increment(ref _reconnects);
        Volatile.Write(ref _lost, 1);
        LastError = reason;
        Since = _options.TimeProvider.GetUtcNow();
        if (IsCluster)
        {
            LookAgain(reason);
        }

        Changed?.Invoke(false);
    }

    private void OnExternalFailed(object? sender, ConnectionFailedEventArgs failure)
    {
        var isSubscription = failure.ConnectionType == ConnectionType.Subscription;
        OnLost(
            isSubscription ? "subscriptions" : "commands",
            failure.EndPoint is null ? Target.Description : RedisTransport.Describe(failure.EndPoint),
            FailureReader.Describe(failure.Exception));
        SubscriptionOpened?.Invoke(isSubscription ? failure.EndPoint : null);
    }

    private void OnExternalRestored(object? sender, ConnectionFailedEventArgs restored)
    {
        // With RESP3 subscriptions may share the connection for commands.
        SubscriptionOpened?.Invoke(null);
        if (restored.ConnectionType != ConnectionType.Subscription)
        {
            ReadTopology();
            OnRestored("commands", restored.EndPoint is null ? Target.Description : RedisTransport.Describe(restored.EndPoint));
        }
    }
}
