using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Ducts.Redis.Subscriptions;
using Microsoft.Extensions.Logging;

namespace Ducts.Redis.Streams;

/// <summary>
/// Reads a stream once for all its followers: whenever a message says that there is something new, and when the
/// subscription stands again, it reads what comes after the last entry it has seen. So nothing that is in the stream is
/// missed, whatever was lost on the way, and nothing comes twice.
/// </summary>
// Threading: one loop reads and delivers; followers come and go under the gate.
[SuppressMessage("Reliability", "CA1001", Justification = "A source without a timer holds nothing, and is cancelled from several sides.")]
internal class StreamFeed : IMessageSink
{
    /// <summary>Entries of one read: few round trips when catching up, without holding Redis up.</summary>
    public const int PageSize = 500;

    private readonly Lock _gate = new();
    private readonly RedisClient _client;
    private readonly SubscriptionHub _hub;
    private readonly RedisClientOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One waiting signal is enough: a read takes all that is there.
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly HashSet<StreamFollower> _followers = [];
    private StreamFollower[]? _snapshot;
    private bool _isEnded;
    private Task _running = Task.CompletedTask;

    public StreamFeed(FeedKey key, RedisClient client, SubscriptionHub hub, RedisClientOptions options, ILogger logger)
    {
        Key = key;
        _client = client;
        _hub = hub;
        _options = options;
        _logger = logger;
    }

    public FeedKey Key { get; }

    /// <summary>Followers that use the feed, counted by the registry.</summary>
    public int Users { get; set; }

    /// <summary>Whether the feed can read no more; the registry makes a new one for the next follower.</summary>
    public bool HasFailed { get; private set; }

    protected RedisClient Client => _client;

    protected StreamId Cursor { get; set; }

    protected CancellationToken Stopping => _stopping.Token;

    /// <summary>Completes when the subscription stands and the place in the stream is known; from then on nothing is missed.</summary>
    public Task Started => _started.Task;

    public void Start() => _running = RunAsync();

    public void Add(StreamFollower follower)
    {
        lock (_gate)
        {
            if (_isEnded)
            {
                follower.End(null);
                return;
            }

            _followers.Add(follower);
            _snapshot = null;
        }
    }

    public void Remove(StreamFollower follower)
    {
        lock (_gate)
        {
            if (_followers.Remove(follower))
            {
                _snapshot = null;
            }
        }
    }

    /// <summary>Ends the feed and its followers' sequences.</summary>
    public async Task EndAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    public virtual void OnMessage(RedisMessage message) => Signal();

    public virtual void OnResubscribed() => Signal();

    /// <inheritdoc/>
    public void OnEnded()
    {
        // The registry ends the feeds before the subscriptions.
    }

    /// <summary>Reads a page of what comes after an id, however often the connection is lost meanwhile.</summary>
    /// <returns>The page; null if the feed has ended.</returns>
    public async Task<IReadOnlyList<RedisStreamEntry>?> ReadAfterAsync(StreamId last, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(Stopping, cancellationToken);
        var token = linked.Token;
        try
        {
            return await PersistAsync(() => ReadPageAsync(last, token), token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Ends the feed for all its followers with a reason.</summary>
    protected void Break(Exception reason)
    {
        Fail(reason);
        _stopping.Cancel();
    }

    protected void Signal() => _signals.Writer.TryWrite(true);

    /// <summary>Delivers what is new.</summary>
    protected virtual Task ReadAsync() => ReadRangeAsync();

    /// <summary>Delivers all entries after the cursor.</summary>
    protected async Task ReadRangeAsync()
    {
        IReadOnlyList<RedisStreamEntry> entries;
        do
        {
            entries = await ReadPageAsync(Cursor, Stopping);
            foreach (var entry in entries)
            {
                Cursor = entry.Key;
                Deliver(entry);
            }
        }
        while (entries.Count >= PageSize);
    }

    protected void Deliver(RedisStreamEntry entry)
    {
        StreamFollower[] followers;
        lock (_gate)
        {
            followers = _snapshot ??= [.. _followers];
        }

        foreach (var follower in followers)
        {
            if (!follower.Offer(entry))
            {
                Remove(follower);
                RedisLog.SubscriberDropped(_logger, Key.ToString(), _options.SubscriberLimit);
            }
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await _hub.AddAsync(Key.Channel, this, Stopping);
            Cursor = (await _client.XLastWithIdAsync(Key.Stream, Stopping))?.Key ?? default;
            _started.TrySetResult();
            await FollowAsync();
        }
        catch (Exception exception)
        {
            Fail(exception is OperationCanceledException ? null : exception);
        }
        finally
        {
            _hub.Remove(Key.Channel, this);
        }
    }

    private async Task FollowAsync()
    {
        while (await _signals.Reader.WaitToReadAsync(Stopping))
        {
            _signals.Reader.TryRead(out _);
            await PersistAsync(
                async () =>
                {
                    await ReadAsync();
                    return true;
                },
                Stopping);
        }
    }

    private async Task<IReadOnlyList<RedisStreamEntry>> ReadPageAsync(StreamId last, CancellationToken cancellationToken) =>
        await _client.XRangeAsync(Key.Stream, last.Next().ToString(), "+", PageSize, cancellationToken);

    /// <summary>Reads, and reads again with growing pauses where that may help.</summary>
    private async Task<T> PersistAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.Zero;
        while (true)
        {
            try
            {
                return await read();
            }
            catch (RedisClientException exception) when (exception is not RedisErrorException { Code: "WRONGTYPE" or "NOPERM" })
            {
                RedisLog.FeedFailed(_logger, Key.Stream, exception.Message);
            }

            pause = pause == TimeSpan.Zero ? _options.ReconnectMinPause : pause * 2;
            pause = pause > _options.ReconnectMaxPause ? _options.ReconnectMaxPause : pause;
            await Task.Delay(pause, _options.TimeProvider, cancellationToken);
        }
    }

    private void Fail(Exception? reason)
    {
        HasFailed = true;
        if (reason is null)
        {
            _started.TrySetCanceled();
        }
        else
        {
            _started.TrySetException(reason);

            // Its followers may have left already.
            _ = _started.Task.Exception;
        }

        lock (_gate)
        {
            foreach (var follower in _followers)
            {
                follower.End(reason);
            }

            _followers.Clear();
            _snapshot = null;
            _isEnded = true;
        }
    }
}
