using System.Threading.Channels;

namespace Ducts.Redis;

/// <summary>A connection that one caller has at a time; what it sends unasked (MONITOR) is queued.</summary>
internal sealed class DedicatedLine
{
    private readonly Channel<RedisValue> _unasked;
    private readonly int _limit;
    private RedisConnection? _connection;

    public DedicatedLine(CompletionQueue completions, RedisClientOptions options)
    {
        _limit = options.SubscriberLimit;
        Pipeline = new RedisPipeline(completions, options.SendBufferLimit);
        _unasked = Channel.CreateBounded<RedisValue>(new BoundedChannelOptions(_limit) { SingleReader = true, SingleWriter = true });
    }

    public RedisPipeline Pipeline { get; }

    public RedisConnection Connection => _connection!;

    public ChannelReader<RedisValue> Unasked => _unasked.Reader;

    /// <summary>Whether the connection is no longer as it was opened.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Whether keys are watched or commands queued.</summary>
    public bool IsInTransaction { get; set; }

    public bool IsReusable => !IsChanged && !IsInTransaction && !Connection.IsLost && Pipeline.Unanswered == 0 && Pipeline.Waiting == 0;

    public async Task OpenAsync(EndpointSource endpoints, CancellationToken cancellationToken)
    {
        _connection = await endpoints.OpenAsync(OnUnasked, cancellationToken);
        _connection.ServeFor(Pipeline);
        Pipeline.Attach(_connection);
        Ended = WatchAsync();
    }

    /// <summary>Completes when the connection is gone and all who waited have been told.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public async Task CloseAsync()
    {
        _connection?.Lose(new ObjectDisposedException(nameof(RedisDedicatedConnection)));
        await Ended;
    }

    private async Task WatchAsync()
    {
        var reason = await Connection.Lost;
        var lost = new RedisConnectionException("The dedicated connection to Redis was lost: " + reason.Message, reason);
        await Pipeline.CloseAsync(lost);
        _unasked.Writer.TryComplete(reason is ObjectDisposedException ? null : lost);
    }

    private void OnUnasked(RedisConnection connection, RedisValue value)
    {
        if (!_unasked.Writer.TryWrite(value))
        {
            _unasked.Writer.TryComplete(new RedisSubscriberLimitException($"The reader fell more than {_limit} messages behind."));
        }
    }
}
