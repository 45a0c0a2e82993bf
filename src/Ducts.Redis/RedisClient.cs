using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Ducts.Redis.Commands;
using Ducts.Redis.Connections;
using Ducts.Redis.Dedicated;
using Ducts.Redis.Streams;
using Ducts.Redis.Subscriptions;
using Ducts.Redis.Telemetry;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Ducts.Redis;

/// <summary>
/// A client of one Redis, over StackExchange.Redis: a single server, the master that Sentinels name, or a cluster. Speaks
/// RESP3, or RESP2 where the server knows no HELLO. Regains lost connections by itself.
/// </summary>
// Threading: all members from any thread; disposing is the owner's.
public sealed partial class RedisClient : IRedisClient, IAsyncDisposable
{
    private readonly RedisClientOptions _options;
    private readonly ILogger _logger;
    private readonly RedisMetrics _metrics;
    private readonly RedisLink _link;
    private readonly CommandQueue _queue;
    private readonly SubscriptionHub _hub;
    private readonly FeedRegistry _feeds;
    private readonly DedicatedPool _dedicated;
    private int _isDisposed;

    private RedisClient(RedisLink link, RedisClientOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _link = link;
        _metrics = new RedisMetrics(this);
        _queue = new CommandQueue(link, options, _metrics);
        _hub = new SubscriptionHub(link, options, logger);
        _feeds = new FeedRegistry(this, _hub, options, logger);
        _dedicated = new DedicatedPool(link, options);
        link.Changed = OnConnectionChanged;
        link.SubscriptionOpened = _hub.OnConnectionOpened;
        link.SubscriptionLost = _hub.OnConnectionLost;
    }

    /// <inheritdoc/>
    public event EventHandler<RedisConnectionChangedEventArgs>? ConnectionChanged;

    /// <inheritdoc/>
    public bool IsConnected => _isDisposed == 0 && _link.IsConnected;

    /// <inheritdoc/>
    public RedisStatus Status => new(
        _isDisposed != 0 ? RedisConnectionState.Closed : IsConnected ? RedisConnectionState.Connected : RedisConnectionState.Connecting,
        _link.Endpoint,
        _link.Since,
        _link.LastError,
        _link.Reconnects,
        _queue.Waiting,
        _queue.Unanswered);

    internal CommandQueue? Queue => _queue;

    internal RedisLink? Link => _link;

    internal SubscriptionHub? Hub => _hub;

    internal FeedRegistry Feeds => _feeds;

    /// <summary>Creates a client and opens its first connection.</summary>
    /// <param name="options">Where to connect, and the limits.</param>
    /// <param name="loggerFactory">The log; category <c>Ducts.Redis</c>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The connected client; dispose of it to close its connections.</returns>
    /// <exception cref="FormatException">The URI or connection string cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit or a time of the options is out of range.</exception>
    /// <exception cref="RedisUnavailableException">Redis cannot be reached.</exception>
    /// <exception cref="RedisErrorException">Redis refused the user, the password or the database.</exception>
    public static async Task<RedisClient> ConnectAsync(RedisClientOptions options, ILoggerFactory loggerFactory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        options.Validate();
        var logger = loggerFactory.CreateLogger("Ducts.Redis");
        var link = await RedisLink.OpenAsync(RedisTarget.Read(options), options, logger, cancellationToken);
        return new RedisClient(link, options, logger);
    }

    /// <summary>
    /// Creates a client on an application's own multiplexer, which is not disposed of with it. Commands and subscriptions
    /// go over the multiplexer; dedicated connections and transactions over connections of the client's own, opened from
    /// its configuration.
    /// </summary>
    /// <param name="multiplexer">The multiplexer, connected or still connecting.</param>
    /// <param name="options">
    /// The limits; <see cref="RedisClientOptions.Uri"/> is not used. <see cref="RedisClientOptions.Configuration"/>, where
    /// it is set, takes the place of the multiplexer's own, which lacks certificates and callbacks.
    /// </param>
    /// <param name="loggerFactory">The log; category <c>Ducts.Redis</c>.</param>
    /// <returns>The client; dispose of it to end its subscriptions.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A limit or a time of the options is out of range.</exception>
    public static RedisClient Create(IConnectionMultiplexer multiplexer, RedisClientOptions options, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(multiplexer);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        options = options.With(options.Configuration ?? ConfigurationOptions.Parse(multiplexer.Configuration));
        options.Validate();
        var logger = loggerFactory.CreateLogger("Ducts.Redis");
        return new RedisClient(RedisLink.Attach(multiplexer, RedisTarget.Read(options), options, logger), options, logger);
    }

    /// <summary>Returns whether something listens: opens a socket and closes it, without a word of Redis.</summary>
    /// <param name="uri">A URI or connection string as in <see cref="RedisClientOptions.Uri"/>; of several hosts, one is enough.</param>
    /// <param name="timeout">How long to try.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Whether a connection could be opened.</returns>
    /// <exception cref="FormatException">The URI or connection string cannot be read.</exception>
    public static async Task<bool> ProbeAsync(string uri, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        foreach (var endPoint in RedisTarget.Read(new RedisClientOptions { Uri = uri }).EndPoints)
        {
            try
            {
                (await RedisTransport.OpenSocketAsync(endPoint, limit.Token)).Dispose();
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
    public ValueTask<RedisReply> ExecuteAsync(string command, params ReadOnlySpan<RedisArgument> arguments) =>
        ExecuteAsync(command, arguments, CancellationToken.None);

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)]
    public ValueTask<RedisReply> ExecuteAsync(string command, ReadOnlySpan<RedisArgument> arguments, CancellationToken cancellationToken)
    {
        CommandRules.ThrowIfBound(command, arguments);
        return Send(command, arguments, default, static reply => reply, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<RedisReply> ExecuteAsync(string command, IReadOnlyList<object?> arguments, CancellationToken cancellationToken = default)
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
    public ValueTask<RedisReply> ExecuteStringAsync(string command, params ReadOnlySpan<RedisArgument> arguments) =>
        ExecuteStringAsync(command, arguments, CancellationToken.None);

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)]
    public ValueTask<RedisReply> ExecuteStringAsync(string command, ReadOnlySpan<RedisArgument> arguments, CancellationToken cancellationToken)
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
    public ValueTask<IReadOnlyList<RedisReply>> TransactionAsync(RedisBatch commands, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(commands);
        if (commands.Count == 0)
        {
            return ValueTask.FromResult<IReadOnlyList<RedisReply>>([]);
        }

        // The library writes MULTI and EXEC over the shared connection, too, but tells nothing of why Redis refused them.
        return _queue.Run(new TaskCall<IReadOnlyList<RedisReply>>(() => _dedicated.RunTransactionAsync(commands)) { Size = commands.Size, Count = commands.Count }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RedisReply>> BatchAsync(RedisBatch commands, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(commands);
        if (commands.Count == 0)
        {
            return ValueTask.FromResult<IReadOnlyList<RedisReply>>([]);
        }

        return _link.IsCluster
            ? SendEachAsync(commands, cancellationToken)
            : _queue.Run(new TaskCall<IReadOnlyList<RedisReply>>(() => BatchRunner.RunAsync(_link, commands)) { Size = commands.Size, Count = commands.Count }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<RedisDedicatedConnection> OpenDedicatedAsync(string? key = null, CancellationToken cancellationToken = default) =>
        _dedicated.OpenAsync(key, cancellationToken);

    /// <summary>Closes the client's connections; commands that wait fail, sequences end.</summary>
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
        _queue.Dispose();
        await _link.DisposeAsync();
        _metrics.Dispose();
    }

    /// <summary>Sends a command; the reply is converted on the thread of the one who waits for it.</summary>
    internal ValueTask<T> Send<T>(
        string name, ReadOnlySpan<RedisArgument> first, ReadOnlySpan<RedisArgument> second, Func<RedisReply, T> convert, CancellationToken cancellationToken, bool tolerant = false, long? deadline = null)
    {
        var arguments = ReplyReader.Write(name, first, second, _link.IsCluster, out var size);
        return _queue.Run(new CommandCall<T>(_link, name, arguments, convert, tolerant) { Size = size }, cancellationToken, deadline);
    }

    /// <summary>In a cluster the commands of a batch have servers of their own; each is followed to where its key is.</summary>
    private async ValueTask<IReadOnlyList<RedisReply>> SendEachAsync(RedisBatch batch, CancellationToken cancellationToken)
    {
        var sent = new List<Task<RedisReply>>(batch.Count);
        foreach (var (name, arguments) in batch.Commands)
        {
            sent.Add(Send(name, arguments, default, static reply => reply, cancellationToken, tolerant: true).AsTask());
        }

        var replies = new RedisReply[sent.Count];
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
                notSent += exception is RedisUnavailableException { IsOutcomeUnknown: false } ? 1 : 0;
                failure ??= exception;
            }
        }

        if (failure is null)
        {
            return replies;
        }

        if (failure is RedisUnavailableException && notSent < replies.Length)
        {
            // One command may be certain not to have been sent; of the batch that is not true.
            throw new RedisUnavailableException("Not all commands of the batch were answered: " + failure.Message, failure) { IsOutcomeUnknown = true };
        }

        ExceptionDispatchInfo.Throw(failure);
        return replies;
    }

    private void OnConnectionChanged(bool isConnected)
    {
        if (_link.IsCluster)
        {
            // A node may have been lost with announcements that it had not passed on to the node of the subscriptions.
            _feeds.CatchUp();
        }

        if (isConnected)
        {
            _queue.Pump();
        }

        if (ConnectionChanged is { } handlers)
        {
            // A handler of the event is anyone's code and not to hold up the reconnecting.
            ThreadPool.QueueUserWorkItem(static state => state.handlers(state.client, new RedisConnectionChangedEventArgs(state.isConnected)), (client: this, handlers, isConnected), preferLocal: false);
        }
    }
}
