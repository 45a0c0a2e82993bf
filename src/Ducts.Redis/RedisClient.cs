using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace Ducts.Redis;

/// <summary>
/// A client of one Redis: a single server, the master that Sentinels name, or a cluster. Speaks RESP3, or RESP2 where the
/// server knows no HELLO. Regains lost connections by itself.
/// </summary>
// Threading: all members from any thread; disposing is the owner's.
public sealed partial class RedisClient : IRedisClient, IAsyncDisposable
{
    private readonly RedisClientOptions _options;
    private readonly ILogger _logger;
    private readonly RedisClock _clock;
    private readonly CompletionQueue _completions;
    private readonly RedisMetrics _metrics;
    private readonly CommandRouter _router;
    private readonly SubscriptionHub _hub;
    private readonly FeedRegistry _feeds;
    private readonly DedicatedPool _dedicated;
    private int _isDisposed;

    private RedisClient(RedisClientOptions options, ILoggerFactory loggerFactory)
    {
        options.Validate();
        _options = options;
        _logger = loggerFactory.CreateLogger("Ducts.Redis");
        Uri = RedisUri.Parse(options.Uri);
        _metrics = new RedisMetrics(this);
        _completions = new CompletionQueue(_metrics);
        _clock = new RedisClock(options.CommandTimeout, options.TimeProvider, _logger, Sweep);
        var connector = new RedisConnector(Uri, options, _completions, _clock);
        if (Uri.IsCluster)
        {
            _router = new ClusterRouter(Uri, connector, options, _completions, _clock, _logger);
        }
        else
        {
            EndpointSource endpoints = Uri.SentinelName is null
                ? new FixedEndpoint(connector, Uri.Hosts.Count == 0 ? null : Uri.Hosts[0])
                : new SentinelEndpoint(connector, Uri);
            _router = new SingleRouter(new RedisLink("commands", endpoints, options, _completions, _clock, _logger), endpoints);
        }

        _hub = new SubscriptionHub(_router.EndpointFor(null), options, _completions, _clock, _logger);
        _feeds = new FeedRegistry(this, _hub, options, _logger);
        _dedicated = new DedicatedPool(_router, options, _completions, _clock);
        _router.Changed = OnConnectionChanged;
    }

    /// <inheritdoc/>
    public event EventHandler<RedisConnectionChangedEventArgs>? ConnectionChanged;

    /// <summary>Where the client connects to.</summary>
    public RedisUri Uri { get; }

    /// <inheritdoc/>
    public bool IsConnected
    {
        get
        {
            foreach (var link in _router.Masters)
            {
                if (!link.IsConnected)
                {
                    return false;
                }
            }

            return _isDisposed == 0 && _router.Masters.Count > 0;
        }
    }

    /// <inheritdoc/>
    public RedisStatus Status
    {
        get
        {
            var links = _router.Links;
            var worst = links.FirstOrDefault(static link => !link.IsConnected) ?? (links.Count > 0 ? links[0] : null);
            return new RedisStatus(
                _isDisposed != 0 ? RedisConnectionState.Closed : IsConnected ? RedisConnectionState.Connected : RedisConnectionState.Connecting,
                worst?.Endpoint ?? Uri.ToString(),
                worst?.Since ?? _options.TimeProvider.GetUtcNow(),
                worst?.LastError,
                links.Sum(static link => link.Reconnects),
                links.Sum(static link => link.Pipeline.Waiting),
                links.Sum(static link => link.Pipeline.Unanswered));
        }
    }

    internal RedisMetrics Metrics => _metrics;

    internal CommandRouter Router => _router;

    internal SubscriptionHub Hub => _hub;

    internal FeedRegistry Feeds => _feeds;

    /// <summary>Makes a client and opens its first connection.</summary>
    /// <param name="options">Where to connect, and the limits.</param>
    /// <param name="loggerFactory">The log; category <c>Ducts.Redis</c>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The connected client; dispose of it to close its connections.</returns>
    /// <exception cref="FormatException">The URI is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit or a time of the options is.</exception>
    /// <exception cref="RedisConnectionException">Redis is not to be reached.</exception>
    /// <exception cref="RedisException">Redis refused the user, the password or the database.</exception>
    public static async Task<RedisClient> ConnectAsync(RedisClientOptions options, ILoggerFactory loggerFactory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        var client = new RedisClient(options, loggerFactory);
        try
        {
            await client._router.StartAsync(cancellationToken);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether something listens at a URI: opens a socket and closes it, without a word of Redis.</summary>
    /// <param name="uri">A URI as in <see cref="RedisUri"/>; of several hosts, one is enough.</param>
    /// <param name="timeout">How long to try.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Whether a connection could be opened.</returns>
    /// <exception cref="FormatException">The URI is none.</exception>
    public static async Task<bool> ProbeAsync(string uri, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var parsed = RedisUri.Parse(uri);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        var hosts = parsed.UnixPath is null ? parsed.Hosts : [null!];
        foreach (var host in hosts)
        {
            try
            {
                (await RedisConnector.OpenSocketAsync(host, parsed.UnixPath, limit.Token)).Dispose();
                return true;
            }
            catch (Exception exception) when (exception is System.Net.Sockets.SocketException or OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public ValueTask<RedisValue> ExecuteAsync(string command, params ReadOnlySpan<RedisArgument> arguments) =>
        ExecuteAsync(command, arguments, CancellationToken.None);

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)]
    public ValueTask<RedisValue> ExecuteAsync(string command, ReadOnlySpan<RedisArgument> arguments, CancellationToken cancellationToken)
    {
        CommandRules.ThrowIfBound(command, arguments);
        return Send(command, arguments, default, static reply => reply, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<RedisValue> ExecuteAsync(string command, IReadOnlyList<object?> arguments, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var converted = new RedisArgument[arguments.Count];
        for (var i = 0; i < converted.Length; i++)
        {
            converted[i] = RedisArgument.From(arguments[i]);
        }

        return ExecuteAsync(command, converted.AsSpan(), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<RedisValue> ExecuteStringAsync(string command, params ReadOnlySpan<RedisArgument> arguments) =>
        ExecuteStringAsync(command, arguments, CancellationToken.None);

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)]
    public ValueTask<RedisValue> ExecuteStringAsync(string command, ReadOnlySpan<RedisArgument> arguments, CancellationToken cancellationToken)
    {
        CommandRules.ThrowIfBound(command, arguments);
        return Send(command, arguments, default, static reply => reply.Decoded(), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        var start = _options.TimeProvider.GetTimestamp();
        await Send("PING", default, default, static _ => true, cancellationToken);
        return _options.TimeProvider.GetElapsedTime(start);
    }

    /// <inheritdoc/>
    public ValueTask<RedisFields> HGetAllAsync(string key, CancellationToken cancellationToken = default) =>
        Send("HGETALL", [key], default, static reply => reply.AsFields(), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RedisValue>> TransactionAsync(RedisBatch commands, CancellationToken cancellationToken = default) =>
        SendBatch(commands, isTransaction: true, TransactionReply.Read, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RedisValue>> BatchAsync(RedisBatch commands, CancellationToken cancellationToken = default) =>
        SendBatch(commands, isTransaction: false, static reply => reply.Items.ToArray(), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RedisDedicatedConnection> OpenDedicatedAsync(string? key = null, CancellationToken cancellationToken = default) =>
        _dedicated.OpenAsync(key, cancellationToken);

    /// <summary>Closes all connections; commands that wait fail, sequences end.</summary>
    /// <returns>When all loops have ended.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _feeds.DisposeAsync();
        await _hub.DisposeAsync();
        await _dedicated.DisposeAsync();
        await _router.DisposeAsync();
        await _clock.DisposeAsync();
        _metrics.Dispose();
    }

    /// <summary>Sends a command; the reply is converted on the thread of the one who waits for it.</summary>
    internal ValueTask<T> Send<T>(
        string name, ReadOnlySpan<RedisArgument> first, ReadOnlySpan<RedisArgument> second, Func<RedisValue, T> convert, CancellationToken cancellationToken, bool tolerant = false, long? deadline = null)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        var command = RedisCommand<T>.Rent(convert, tolerant: tolerant);
        command.Deadline = deadline ?? _clock.Deadline;
        command.Started = _metrics.Start();
        var result = command.AsValueTask();
        try
        {
            _router.Send(command, name, first, second);
        }
        catch (RedisConnectionException exception)
        {
            return ValueTask.FromException<T>(exception);
        }

        command.CancelWith(cancellationToken);
        return result;
    }

    private ValueTask<IReadOnlyList<RedisValue>> SendBatch(
        RedisBatch batch, bool isTransaction, Func<RedisValue, IReadOnlyList<RedisValue>> convert, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IReadOnlyList<RedisValue>>(cancellationToken);
        }

        if (batch.Count == 0)
        {
            return ValueTask.FromResult<IReadOnlyList<RedisValue>>([]);
        }

        if (!isTransaction && Uri.IsCluster)
        {
            return SendEachAsync(batch, cancellationToken);
        }

        // A batch of one would have its error thrown; as a list of one it stays a value.
        var replies = batch.Count + (isTransaction ? 2 : 0);
        var command = replies == 1
            ? RedisCommand<IReadOnlyList<RedisValue>>.Rent(static reply => [reply], tolerant: true)
            : RedisCommand<IReadOnlyList<RedisValue>>.Rent(convert, replies);
        command.Deadline = _clock.Deadline;
        command.Started = _metrics.Start();
        var result = command.AsValueTask();
        try
        {
            _router.SendBatch(command, batch, isTransaction);
        }
        catch (RedisConnectionException exception)
        {
            return ValueTask.FromException<IReadOnlyList<RedisValue>>(exception);
        }

        command.CancelWith(cancellationToken);
        return result;
    }

    /// <summary>In a cluster the commands of a batch have servers of their own; they are gathered per server as all commands are.</summary>
    private async ValueTask<IReadOnlyList<RedisValue>> SendEachAsync(RedisBatch batch, CancellationToken cancellationToken)
    {
        var sent = new List<Task<RedisValue>>(batch.Count);
        foreach (var (name, arguments) in batch.Commands)
        {
            sent.Add(Send(name, arguments, default, static reply => reply, cancellationToken, tolerant: true).AsTask());
        }

        var replies = new RedisValue[sent.Count];
        var notSent = 0;
        Exception? failure = null;
        for (var i = 0; i < replies.Length; i++)
        {
            try
            {
                replies[i] = await sent[i];
            }
            catch (Exception exception)
            {
                notSent += exception is RedisConnectionException { IsOutcomeUnknown: false } ? 1 : 0;
                failure ??= exception;
            }
        }

        if (failure is null)
        {
            return replies;
        }

        if (failure is RedisConnectionException && notSent < replies.Length)
        {
            // One command may be certain not to have been sent; of the batch that is not true.
            throw new RedisConnectionException("Not all commands of the batch were answered: " + failure.Message, failure) { IsOutcomeUnknown = true };
        }

        ExceptionDispatchInfo.Throw(failure);
        return replies;
    }

    private void OnConnectionChanged(bool isConnected)
    {
        if (isConnected && Uri.IsCluster)
        {
            // A node may have been lost with announcements that it had not passed on to the node of the subscriptions.
            _feeds.CatchUp();
        }

        if (ConnectionChanged is { } handlers)
        {
            // A handler of the event is anyone's code and not to hold up the reconnecting.
            ThreadPool.QueueUserWorkItem(static state => state.handlers(state.client, new RedisConnectionChangedEventArgs(state.isConnected)), (client: this, handlers, isConnected), preferLocal: false);
        }
    }

    private void Sweep(long now)
    {
        foreach (var link in _router.Links)
        {
            link.Sweep(now);
        }

        _router.Sweep(now);
        _hub.Sweep(now);
        _dedicated.Sweep(now);
    }
}
