using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Ducts.Redis;

/// <summary>
/// Sends each command to the node of its key. Follows MOVED and ASK, tries again on TRYAGAIN and CLUSTERDOWN within the
/// command's time; a node refuses before it carries anything out, so nothing is done twice. Commands that wait for a lost
/// node go to the one that takes over its slots.
/// </summary>
// Threading: any thread sends; one loop learns the map and sends again what has to wait.
internal sealed class ClusterRouter : CommandRouter
{
    /// <summary>More redirections of one command than any migration makes: a loop.</summary>
    private const int MaxRedirections = 16;

    /// <summary>The pause before trying again; a slot's key migrates in about a millisecond, an election takes seconds.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(20);

    private readonly RedisUri _uri;
    private readonly RedisConnector _connector;
    private readonly RedisClientOptions _options;
    private readonly CompletionQueue _completions;
    private readonly IRedisClock _clock;
    private readonly ILogger _logger;
    private readonly PostponedCommands _postponed;
    private readonly ClusterNodes _nodes;
    private readonly RedisLink?[] _slots = new RedisLink?[ClusterSlot.Count];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private RedisLink[] _masters = [];
    private bool _mapIsStale;
    private int _next;
    private Task _running = Task.CompletedTask;

    public ClusterRouter(RedisUri uri, RedisConnector connector, RedisClientOptions options, CompletionQueue completions, IRedisClock clock, ILogger logger)
    {
        _uri = uri;
        _connector = connector;
        _options = options;
        _completions = completions;
        _clock = clock;
        _logger = logger;
        _postponed = new PostponedCommands(completions);
        _nodes = new ClusterNodes(MakeLink);
    }

    public override IReadOnlyList<RedisLink> Links => _nodes.Links;

    public override IReadOnlyList<RedisLink> Masters => Volatile.Read(ref _masters);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LearnAsync(cancellationToken);
        _running = RunAsync();
        foreach (var link in Masters)
        {
            await link.WaitConnectedAsync(_options.ConnectTimeout, cancellationToken);
        }
    }

    public override void Send(RedisCommand command, string name, ReadOnlySpan<RedisArgument> first, ReadOnlySpan<RedisArgument> second)
    {
        // A key is always among the first arguments; those that come apart are values.
        var slot = ClusterKeys.SlotOf(name, first);
        Route(command, new ClusterRoute(this, RespWriter.Encode(name, first, second).ToArray(), slot));
    }

    public override void SendBatch(RedisCommand command, RedisBatch batch, bool isTransaction)
    {
        var slot = -1;
        foreach (var (name, arguments) in batch.Commands)
        {
            slot = ClusterKeys.SlotOf(name, arguments);
            if (slot >= 0)
            {
                break;
            }
        }

        Route(command, new ClusterRoute(this, batch.Encode(isTransaction), slot));
    }

    public override void Sweep(long now) => _postponed.Sweep(now);

    public override EndpointSource EndpointFor(string? key) => new ClusterEndpoint(this, _connector, key);

    /// <summary>Where a connection for a key, or any, may lead, best first.</summary>
    public List<DnsEndPoint> HostsFor(string? key)
    {
        if (key is null)
        {
            return [.. _nodes.HostsWhere(static link => link.IsConnected), .. _uri.Hosts];
        }

        var owner = Volatile.Read(ref _slots[ClusterSlot.Of(key)]);
        return _nodes.HostsWhere(link => link == owner);
    }

    /// <summary>Follows a redirection, on the thread that read it; false if the reply is the command's own.</summary>
    public bool TryFollow(RedisCommand command, ClusterRoute route, in RedisValue reply)
    {
        var redirection = ClusterRedirection.Read(reply, command.Pipeline?.Connection?.Endpoint ?? RedisUri.Describe(_uri.Hosts[0]));
        if (redirection.Kind == RedirectionKind.None || command.IsSettled || command.Deadline <= _clock.Now
            || (redirection.Host is not null && ++route.Redirections > MaxRedirections))
        {
            return false;
        }

        command.ForgetReplies();
        if (redirection.Kind == RedirectionKind.Again)
        {
            _postponed.Add(command);
            AskForMap();
            return true;
        }

        if (redirection.Kind == RedirectionKind.Moved)
        {
            AskForMap();
        }

        // Not on this thread, which holds the gate of the connection it reads.
        ThreadPool.UnsafeQueueUserWorkItem(
            static state => state.router.Follow(state.command, state.route, state.redirection),
            (router: this, command, route, redirection),
            preferLocal: false);
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await _nodes.DisposeAsync();
        foreach (var command in _postponed.TakeAll())
        {
            _completions.Fail(command, RedisConnectionException.NotSent("The Redis client was disposed of."));
        }

        _stopping.Dispose();
    }

    private void Route(RedisCommand command, ClusterRoute route)
    {
        command.Route = route;
        (LinkFor(route.Slot) ?? throw RedisConnectionException.NotSent("No node of the Redis cluster is known."))
            .Pipeline.Enqueue(command, route.Payload);
    }

    private RedisLink? LinkFor(int slot)
    {
        if (slot >= 0 && Volatile.Read(ref _slots[slot]) is { } owner)
        {
            return owner;
        }

        // A command without keys goes to any node that is there.
        var masters = Volatile.Read(ref _masters);
        var start = (uint)Interlocked.Increment(ref _next);
        for (var i = 0; i < masters.Length; i++)
        {
            var link = masters[(start + i) % masters.Length];
            if (link.IsConnected)
            {
                return link;
            }
        }

        return masters.Length == 0 ? null : masters[0];
    }

    private void Follow(RedisCommand command, ClusterRoute route, ClusterRedirection redirection)
    {
        try
        {
            var link = _nodes.At(redirection.Host!);
            if (redirection.Kind == RedirectionKind.Moved)
            {
                Volatile.Write(ref _slots[redirection.Slot], link);
                link.Pipeline.Enqueue(command, route.Payload);
            }
            else
            {
                link.Pipeline.EnqueueBehind("*1\r\n$6\r\nASKING\r\n"u8, command, route.Payload);
            }
        }
        catch (Exception exception) when (exception is RedisException or ObjectDisposedException)
        {
            _completions.Fail(command, exception);
        }
    }

    private void AskForMap()
    {
        Volatile.Write(ref _mapIsStale, true);
        _signals.Writer.TryWrite(true);
    }

    private RedisLink MakeLink(string name, DnsEndPoint host) =>
        new(name, new FixedEndpoint(_connector, host), _options, _completions, _clock, _logger)
        {
            Connected = _ => Changed?.Invoke(true),
            Disconnected = () =>
            {
                AskForMap();
                Changed?.Invoke(false);
            },
        };

    /// <summary>The loop: learns the map when it is stale, sends again what was told to wait, moves what waits for a lost node.</summary>
    private async Task RunAsync()
    {
        try
        {
            while (await _signals.Reader.WaitToReadAsync(_stopping.Token))
            {
                _signals.Reader.TryRead(out _);
                do
                {
                    if (Volatile.Read(ref _mapIsStale))
                    {
                        await TryLearnAsync();
                        MoveWaiting();
                    }

                    await Task.Delay(RetryPause, _options.TimeProvider, _stopping.Token);
                    foreach (var command in _postponed.TakeAll())
                    {
                        Resend(command, command.Route!);
                    }
                }
                while (Volatile.Read(ref _mapIsStale) || Masters.Any(static link => !link.IsConnected));
            }
        }
        catch (OperationCanceledException)
        {
            // The client is being disposed of.
        }
    }

    private async Task TryLearnAsync()
    {
        Volatile.Write(ref _mapIsStale, false);
        try
        {
            await LearnAsync(_stopping.Token);
            await _nodes.RemoveAsync(link => !link.IsConnected && link.Pipeline.Waiting == 0 && !Masters.Contains(link));
        }
        catch (RedisException exception)
        {
            Volatile.Write(ref _mapIsStale, true);
            RedisLog.ClusterNotMapped(_logger, exception.Message);
        }

        if (Masters.Any(static link => !link.IsConnected))
        {
            // An election may be under way.
            Volatile.Write(ref _mapIsStale, true);
        }
    }

    private async Task LearnAsync(CancellationToken cancellationToken)
    {
        Exception? last = null;
        foreach (var host in HostsFor(null))
        {
            RedisConnection? connection = null;
            try
            {
                connection = await _connector.OpenAsync(host, forSentinel: false, null, cancellationToken);
                Use(ClusterMap.Read(await _connector.Send(connection, "CLUSTER", ["SLOTS"]), connection.Endpoint));
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Also a map that cannot be read: the next node may tell a better one.
                last = exception;
            }
            finally
            {
                connection?.Lose(new ObjectDisposedException(nameof(ClusterRouter)));
            }
        }

        throw new RedisConnectionException($"No node of the Redis cluster at {_uri} told its map: {last?.Message}", last);
    }

    private void Use(List<(int First, int Last, DnsEndPoint Master)> ranges)
    {
        var masters = new HashSet<RedisLink>();
        foreach (var (first, last, host) in ranges)
        {
            var link = _nodes.At(host);
            masters.Add(link);
            for (var slot = first; slot <= last; slot++)
            {
                Volatile.Write(ref _slots[slot], link);
            }
        }

        var known = Masters;
        Volatile.Write(ref _masters, [.. masters]);
        if (known.Count != masters.Count || !known.All(masters.Contains))
        {
            RedisLog.ClusterMapped(_logger, masters.Count);
        }
    }

    /// <summary>What waits for a node that is not there goes where its slot is now.</summary>
    private void MoveWaiting()
    {
        foreach (var link in Links)
        {
            if (link.IsConnected)
            {
                continue;
            }

            foreach (var command in link.Pipeline.WithdrawAll())
            {
                if (command.Route is { } route)
                {
                    Resend(command, route);
                }
                else
                {
                    _completions.Fail(command, RedisConnectionException.NotSent("The node of the Redis cluster is gone."));
                }
            }
        }
    }

    private void Resend(RedisCommand command, ClusterRoute route)
    {
        if (command.IsSettled)
        {
            // Cancelled meanwhile: nobody wants it carried out.
            command.Release();
            return;
        }

        try
        {
            Route(command, route);
        }
        catch (Exception exception) when (exception is RedisException or ObjectDisposedException)
        {
            _completions.Fail(command, exception);
        }
    }
}
