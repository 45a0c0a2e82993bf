using Ducts.Redis.Connections;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Ducts.Redis.Subscriptions;

/// <summary>
/// All subscriptions of a client. Redis is subscribed to a channel when its first subscriber comes, and unsubscribed when
/// its last one leaves. After a lost connection each subscription is made anew: the library renews them by itself, but
/// says that the connection is there before Redis has confirmed them, and not at all when it has.
/// </summary>
// Threading: the gate guards the table and the entries; each entry has one loop at a time that subscribes. The second
// gate, which is taken last, keeps the library's table consistent: it finds a channel and adds to it in two steps, so
// that leaving and joining at the same time would end in a subscription that receives nothing.
internal sealed class SubscriptionHub : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Lock _library = new();
    private readonly Dictionary<ChannelKey, ChannelEntry> _entries = [];
    private readonly RedisLink _link;
    private readonly RedisClientOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;
    private long _version = 1;
    private bool _isDisposed;

    public SubscriptionHub(RedisLink link, RedisClientOptions options, ILogger logger)
    {
        _link = link;
        _options = options;
        _logger = logger;
        _stopped = _stopping.Token;
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

    /// <summary>Makes all subscriptions anew: what was begun before may be on a connection that is gone.</summary>
    public void OnConnectionOpened()
    {
        lock (_gate)
        {
            _version++;
            foreach (var entry in _entries.Values)
            {
                Refresh(entry);
            }
        }
    }

    /// <summary>Adds a subscriber and waits until Redis has confirmed.</summary>
    /// <exception cref="RedisUnavailableException">There was no confirmation in time.</exception>
    /// <exception cref="RedisErrorException">Redis refuses the channel.</exception>
    public async Task AddAsync(ChannelKey key, IMessageSink sink, CancellationToken cancellationToken)
    {
        ChannelEntry? entry;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisClient));
            if (!_entries.TryGetValue(key, out entry))
            {
                entry = new ChannelEntry(key);
                _entries.Add(key, entry);
            }

            entry.Add(sink);
            Refresh(entry);
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
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry) && entry.Remove(sink))
            {
                _entries.Remove(key);
                Unsubscribe(entry);
            }
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
            foreach (var entry in entries)
            {
                Unsubscribe(entry);
            }
        }

        await _stopping.CancelAsync();
        foreach (var entry in entries)
        {
            entry.Confirmed.TrySetException(new ObjectDisposedException(nameof(RedisClient)));
            foreach (var sink in entry.Sinks)
            {
                sink.OnEnded();
            }

            await entry.Subscribing;
        }

        _stopping.Dispose();
    }

    private static void Observe(Task task) => _ = task.ContinueWith(static task => task.Exception, TaskScheduler.Default);

    // Under the gate.
    private void Unsubscribe(ChannelEntry entry)
    {
        if (entry.Queue is { } queue)
        {
            entry.Queue = null;
            lock (_library)
            {
                Observe(queue.UnsubscribeAsync());
            }
        }
    }

    // Under the gate.
    private void Refresh(ChannelEntry entry)
    {
        if (!entry.IsSubscribing && NeedsSubscription(entry))
        {
            entry.IsSubscribing = true;
            entry.Subscribing = Task.Run(() => SubscribeAsync(entry));
        }
    }

    // Under the gate.
    private bool NeedsSubscription(ChannelEntry entry) =>
        _entries.GetValueOrDefault(entry.Key) == entry && (entry.Queue is null || entry.Version != _version);

    /// <summary>The loop of an entry: subscribes until Redis has confirmed what is asked of the connection that is there.</summary>
    private async Task SubscribeAsync(ChannelEntry entry)
    {
        while (true)
        {
            lock (_gate)
            {
                if (!NeedsSubscription(entry))
                {
                    entry.IsSubscribing = false;
                    return;
                }

                // Before anything is sent: a connection that comes meanwhile asks for another round.
                entry.Version = _version;

                // The library keeps one subscription for all of its queues, and makes a new one only after the last has
                // gone. Both commands are written one behind the other, so that next to nothing is missed between them.
                Unsubscribe(entry);
            }

            try
            {
                await TrySubscribeAsync(entry);
            }
            catch (Exception exception) when (_stopped.IsCancellationRequested || !IsRefusal(entry, exception))
            {
                await Task.Delay(_options.ReconnectMinPause, _options.TimeProvider, _stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task TrySubscribeAsync(ChannelEntry entry)
    {
        var subscriber = _link.Multiplexer.GetSubscriber();
        var channel = entry.Key.ToChannel();
        Task<ChannelMessageQueue> subscribing;
        lock (_library)
        {
            subscribing = subscriber.SubscribeAsync(channel);
        }

        ChannelMessageQueue queue;
        try
        {
            queue = await subscribing.WaitAsync(_options.CommandTimeout, _options.TimeProvider, _stopped);
            if (_link.IsExternal)
            {
                // The application may be subscribed, too: then the library only joins us to what it is about to renew.
                await subscriber.PingAsync().WaitAsync(_options.CommandTimeout, _options.TimeProvider, _stopped);
            }
        }
        catch
        {
            Observe(TakeBackAsync(subscribing, subscriber, channel));
            throw;
        }

        lock (_gate)
        {
            if (_entries.GetValueOrDefault(entry.Key) == entry)
            {
                entry.Queue = queue;
                entry.Pumping = PumpAsync(entry, queue, entry.Pumping);
                if (entry.Version != _version && !entry.Confirmed.Task.IsCompleted)
                {
                    // A connection came meanwhile: there is another round, and who waits is told after it.
                    return;
                }
            }
        }

        if (entry.Queue != queue)
        {
            // Nobody wants it any more.
            Observe(TakeBackAsync(subscribing, subscriber, channel));
            return;
        }

        if (!entry.Confirmed.TrySetResult())
        {
            foreach (var sink in entry.Sinks)
            {
                sink.OnResubscribed();
            }
        }
    }

    /// <summary>Gives a queue back, also one that the library has not handed out yet.</summary>
    private async Task TakeBackAsync(Task<ChannelMessageQueue> subscribing, ISubscriber subscriber, RedisChannel channel)
    {
        try
        {
            var queue = await subscribing;
            lock (_library)
            {
                Observe(queue.UnsubscribeAsync());
            }
        }
        catch (Exception) when (!_link.IsExternal)
        {
            // The library keeps the queue that it has not given us, and with it the channel. An application's own
            // subscriptions would end with it.
            lock (_library)
            {
                Observe(subscriber.UnsubscribeAsync(channel));
            }
        }
    }

    /// <summary>Whether Redis refuses the channel for good, which its subscribers are told.</summary>
    private bool IsRefusal(ChannelEntry entry, Exception exception)
    {
        if (entry.Confirmed.Task.IsCompletedSuccessfully)
        {
            // One after a reconnection may pass (an ACL is being changed): it is tried again.
            RedisLog.ResubscriptionFailed(_logger, entry.Key.ToString(), FailureReader.Describe(exception));
            return false;
        }

        if (exception is not RedisServerException { Kind: RedisErrorKind.NoPermission })
        {
            return false;
        }

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

    private async Task PumpAsync(ChannelEntry entry, ChannelMessageQueue queue, Task previous)
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

        lock (_gate)
        {
            if (entry.Queue == queue)
            {
                // The application has ended all subscriptions of its multiplexer, ours among them.
                entry.Queue = null;
                Refresh(entry);
            }
        }
    }
}
