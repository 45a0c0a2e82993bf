using System.Threading.Channels;
using Ducts.Redis.Connections;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Ducts.Redis.Subscriptions;

/// <summary>
/// All subscriptions of a client. Redis is subscribed to a channel when its first subscriber comes, and unsubscribed when
/// its last one leaves. After a lost connection each subscription is made anew: the library renews them by itself, but
/// says that the connection is there before Redis has confirmed them, and not at all when it has.
/// </summary>
// Threading: the gate guards the table and the entries' places in it; one loop renews.
internal sealed class SubscriptionHub : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ChannelKey, ChannelEntry> _entries = [];
    private readonly RedisLink _link;
    private readonly RedisClientOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _renewing;

    // One waiting signal is enough: a round looks at all entries.
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private long _openedAt;
    private bool _isDisposed;

    public SubscriptionHub(RedisLink link, RedisClientOptions options, ILogger logger)
    {
        _link = link;
        _options = options;
        _logger = logger;
        _renewing = RenewAsync();
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Notes that a subscribing connection has been opened: what was confirmed before may be on one that is gone.</summary>
    public void OnConnectionOpened(long openedAt)
    {
        lock (_gate)
        {
            _openedAt = Math.Max(_openedAt, openedAt);
        }

        _signals.Writer.TryWrite(true);
    }

    /// <summary>Adds a subscriber and waits until Redis has confirmed.</summary>
    /// <exception cref="RedisUnavailableException">There was no confirmation in time.</exception>
    /// <exception cref="RedisErrorException">Redis refuses the channel.</exception>
    public async Task AddAsync(ChannelKey key, IMessageSink sink, CancellationToken cancellationToken)
    {
        ChannelEntry? entry;
        var isNew = false;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisClient));
            if (!_entries.TryGetValue(key, out entry))
            {
                isNew = true;
                entry = new ChannelEntry(key);
                _entries.Add(key, entry);
            }

            entry.Add(sink);
        }

        if (isNew)
        {
            _ = BeginAsync(entry);
        }

        try
        {
            await entry.Confirmed.Task.WaitAsync(_options.CommandTimeout, _options.TimeProvider, cancellationToken);
        }
        catch (Exception exception)
        {
            Remove(key, sink);
            throw exception is TimeoutException
                ? new RedisUnavailableException($"Redis did not confirm the subscription to {key} in time.", exception)
                : exception;
        }
    }

    /// <summary>Removes a subscriber; Redis is told when it was the last.</summary>
    public void Remove(ChannelKey key, IMessageSink sink)
    {
        ChannelMessageQueue? queue;
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry) || !entry.Remove(sink))
            {
                return;
            }

            _entries.Remove(key);
            queue = entry.Queue;
            entry.Queue = null;
        }

        if (queue is not null)
        {
            Unsubscribe(queue);
        }
    }

    public async ValueTask DisposeAsync()
    {
        ChannelEntry[] entries;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            entries = [.. _entries.Values];
            _entries.Clear();
        }

        foreach (var entry in entries)
        {
            entry.Confirmed.TrySetException(new ObjectDisposedException(nameof(RedisClient)));
            if (entry.Queue is { } queue)
            {
                Unsubscribe(queue);
            }

            foreach (var sink in entry.Sinks)
            {
                sink.OnEnded();
            }
        }

        await _stopping.CancelAsync();
        await _renewing;
        _stopping.Dispose();
    }

    private static void Unsubscribe(ChannelMessageQueue queue) =>
        _ = queue.UnsubscribeAsync().ContinueWith(static task => task.Exception, TaskScheduler.Default);

    /// <summary>Makes an entry's first subscription, as long as somebody waits for it.</summary>
    private async Task BeginAsync(ChannelEntry entry)
    {
        while (!await TrySubscribeAsync(entry) && IsWanted(entry))
        {
            await Task.Delay(_options.ReconnectMinPause, _options.TimeProvider);
        }
    }

    private bool IsWanted(ChannelEntry entry)
    {
        lock (_gate)
        {
            return _entries.GetValueOrDefault(entry.Key) == entry;
        }
    }

    /// <summary>Subscribes over the connection that is there, and takes the place of an earlier subscription; false if it is to be tried again.</summary>
    private async Task<bool> TrySubscribeAsync(ChannelEntry entry)
    {
        ChannelMessageQueue queue;
        try
        {
            if (entry.Queue is { } stale)
            {
                // The library keeps one subscription for all of its queues, and makes a new one only after the last has gone.
                // Both commands are written one behind the other, so that next to nothing can be missed between them.
                entry.Queue = null;
                Unsubscribe(stale);
            }

            queue = await _link.Multiplexer.GetSubscriber().SubscribeAsync(entry.Key.ToChannel());
        }
        catch (Exception exception) when (exception is RedisException or ObjectDisposedException or TimeoutException)
        {
            if (!_link.IsExternal)
            {
                // The library keeps the queue that it has not given us, and with it the channel.
                _ = _link.Multiplexer.GetSubscriber().UnsubscribeAsync(entry.Key.ToChannel()).ContinueWith(static task => task.Exception, TaskScheduler.Default);
            }

            return OnRefused(entry, exception);
        }

        var now = _options.TimeProvider.GetTimestamp();
        lock (_gate)
        {
            if (_entries.GetValueOrDefault(entry.Key) != entry)
            {
                Unsubscribe(queue);
                return true;
            }

            entry.Queue = queue;
            entry.ConfirmedAt = now;
            entry.Pumping = PumpAsync(entry, queue, entry.Pumping);
        }

        if (!entry.Confirmed.TrySetResult())
        {
            foreach (var sink in entry.Sinks)
            {
                sink.OnResubscribed();
            }
        }

        return true;
    }

    private bool OnRefused(ChannelEntry entry, Exception exception)
    {
        if (exception is RedisServerException { Kind: RedisErrorKind.NoPermission } && !entry.Confirmed.Task.IsCompletedSuccessfully)
        {
            // A refusal at first is the subscriber's to know. One after a reconnection may pass (an ACL is being changed):
            // the subscription stays in the table and is tried again.
            lock (_gate)
            {
                if (_entries.GetValueOrDefault(entry.Key) == entry)
                {
                    _entries.Remove(entry.Key);
                }
            }

            entry.Confirmed.TrySetException(FailureReader.Read(exception));
            return true;
        }

        if (entry.Confirmed.Task.IsCompletedSuccessfully)
        {
            RedisLog.ResubscriptionFailed(_logger, entry.Key.ToString(), FailureReader.Describe(exception));
        }

        return false;
    }

    /// <summary>The loop: makes subscriptions anew that may be on a connection that is gone.</summary>
    private async Task RenewAsync()
    {
        try
        {
            while (await _signals.Reader.WaitToReadAsync(_stopping.Token))
            {
                _signals.Reader.TryRead(out _);
                var isComplete = true;
                foreach (var entry in Stale())
                {
                    isComplete &= await TrySubscribeAsync(entry).WaitAsync(_options.CommandTimeout, _options.TimeProvider, _stopping.Token);
                }

                if (!isComplete)
                {
                    await Task.Delay(_options.ReconnectMinPause, _options.TimeProvider, _stopping.Token);
                    _signals.Writer.TryWrite(true);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The client is being disposed of.
        }
    }

    private ChannelEntry[] Stale()
    {
        lock (_gate)
        {
            return [.. _entries.Values.Where(entry => entry.Confirmed.Task.IsCompletedSuccessfully && (entry.Queue is null || entry.ConfirmedAt < _openedAt))];
        }
    }

    private static async Task PumpAsync(ChannelEntry entry, ChannelMessageQueue queue, Task previous)
    {
        await previous;
        await foreach (var message in queue)
        {
            var received = new RedisMessage(
                (string)message.Channel!, entry.Key.Kind == ChannelKind.Pattern ? entry.Key.Name : null, (byte[]?)message.Message ?? []);
            foreach (var sink in entry.Sinks)
            {
                sink.OnMessage(received);
            }
        }
    }
}
