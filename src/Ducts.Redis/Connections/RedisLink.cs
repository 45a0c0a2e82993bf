using Microsoft.Extensions.Logging;

namespace Ducts.Redis;

/// <summary>
/// A connection that is kept: opened, lost, regained with growing pauses. Commands go through its pipeline, which
/// outlives the connections.
/// </summary>
// Threading: the run loop alone opens and replaces connections.
internal sealed class RedisLink : IAsyncDisposable
{
    private readonly EndpointSource _endpoints;
    private readonly RedisClientOptions _options;
    private readonly IRedisClock _clock;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly Action<RedisConnection, RedisValue>? _unasked;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _firstUse = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _heartbeat;
    private Task _running = Task.CompletedTask;
    private RedisConnection? _connection;
    private long _pinged;
    private long _reconnects;

    public RedisLink(
        string name,
        EndpointSource endpoints,
        RedisClientOptions options,
        CompletionQueue completions,
        IRedisClock clock,
        ILogger logger,
        Action<RedisConnection, RedisValue>? unasked = null)
    {
        _name = name;
        _endpoints = endpoints;
        _options = options;
        _clock = clock;
        _logger = logger;
        _unasked = unasked;
        _heartbeat = Math.Max(1, clock.TicksOf(options.HeartbeatInterval));
        Pipeline = new RedisPipeline(completions, options.SendBufferLimit);
        Since = options.TimeProvider.GetUtcNow();
    }

    /// <summary>A connection stands and what it needs first has been written to it.</summary>
    public Action<RedisConnection>? Connected { get; set; }

    /// <summary>The connection is gone.</summary>
    public Action? Disconnected { get; set; }

    public RedisPipeline Pipeline { get; }

    public bool IsConnected => _connection is { IsLost: false };

    public DateTimeOffset Since { get; private set; }

    public string? LastError { get; private set; }

    public string? Endpoint { get; private set; }

    public long Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>Opens the first connection, then keeps one.</summary>
    /// <exception cref="RedisException">The first connection was not to be had.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var connection = await _endpoints.OpenAsync(_unasked, cancellationToken);
        Use(connection);
        _running = RunAsync(connection);
    }

    /// <summary>Keeps a connection, and does not wait for the first one.</summary>
    public void Start() => _running = RunAsync(null);

    /// <summary>Waits for the first connection of a link that was started without; in vain is no error.</summary>
    public async Task WaitConnectedAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await _firstUse.Task.WaitAsync(patience, _options.TimeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The link goes on trying, and commands wait for it.
        }
    }

    /// <summary>Once a tick: time limits and the heartbeat.</summary>
    public void Sweep(long now)
    {
        Pipeline.Sweep(now);
        if (_connection is not { IsLost: false } connection)
        {
            return;
        }

        var silent = now - connection.LastReceived;
        if (silent >= _heartbeat + _clock.CommandTimeout && now - _pinged >= _clock.CommandTimeout && _pinged > connection.LastReceived)
        {
            connection.Lose(new TimeoutException("A PING was not answered in time."));
        }
        else if (silent >= _heartbeat && _pinged <= connection.LastReceived && connection.Unanswered == 0)
        {
            _pinged = now;
            Ping();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _connection?.Lose(new ObjectDisposedException(nameof(RedisClient)));
        await _running;
        await Pipeline.CloseAsync(new RedisConnectionException("The Redis client was disposed of."));
        _stopping.Dispose();
    }

    private void Ping()
    {
        if (_unasked is not null)
        {
            // What comes on a subscribing connection is read by kind; so is the answer to this.
            Pipeline.EnqueueUnanswered("*1\r\n$4\r\nPING\r\n"u8);
            return;
        }

        var command = RedisCommand<bool>.Rent(static _ => true, tolerant: true);
        command.Deadline = _clock.Now + _clock.CommandTimeout;
        try
        {
            Pipeline.Enqueue(command, "*1\r\n$4\r\nPING\r\n"u8);
        }
        catch (RedisConnectionException)
        {
            // So much waits to be written that the connection needs no trying.
        }
    }

    private void Use(RedisConnection connection)
    {
        connection.ServeFor(Pipeline);
        _connection = connection;
        Endpoint = connection.Endpoint;
        Since = _options.TimeProvider.GetUtcNow();
        Pipeline.Attach(connection);
        if (LastError is null)
        {
            RedisLog.Connected(_logger, _name, connection.Endpoint, connection.Protocol);
        }
        else
        {
            // Whoever has read of the loss wants to read of its end.
            RedisLog.Regained(_logger, _name, connection.Endpoint, connection.Protocol);
        }

        LastError = null;
        Connected?.Invoke(connection);
        _firstUse.TrySetResult();
    }

    private async Task RunAsync(RedisConnection? connection)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await KeepAsync(connection);

        // One that was opened while the end was asked for.
        _connection?.Lose(new ObjectDisposedException(nameof(RedisClient)));
    }

    private async Task KeepAsync(RedisConnection? connection)
    {
        while (!_stopping.IsCancellationRequested)
        {
            if (connection is not null)
            {
                var reason = await connection.Lost;
                Pipeline.Detach(connection);
                Disconnected?.Invoke();
                Since = _options.TimeProvider.GetUtcNow();
                LastError = reason.Message;
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }

                RedisLog.Lost(_logger, _name, connection.Endpoint, reason.Message);
                Interlocked.Increment(ref _reconnects);
            }

            connection = await RegainAsync();
            if (connection is not null)
            {
                Use(connection);
            }
        }
    }

    private async Task<RedisConnection?> RegainAsync()
    {
        var pause = TimeSpan.Zero;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (pause > TimeSpan.Zero)
                {
                    // Jitter: clients that lost one server together do not come back together.
                    await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), _options.TimeProvider, _stopping.Token);
                }

                return await _endpoints.OpenAsync(_unasked, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception exception)
            {
                if (pause == TimeSpan.Zero || LastError != exception.Message)
                {
                    RedisLog.NotConnected(_logger, _name, exception.Message);
                }

                LastError = exception.Message;
            }

            pause = pause == TimeSpan.Zero ? _options.ReconnectMinPause : pause * 2;
            pause = pause > _options.ReconnectMaxPause ? _options.ReconnectMaxPause : pause;
        }

        return null;
    }
}
