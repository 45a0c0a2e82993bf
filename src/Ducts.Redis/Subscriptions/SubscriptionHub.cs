using System.Net;
using Ducts.Redis.Connections;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Ducts.Redis.Subscriptions;

/// <summary>
/// All subscriptions of a client. Redis is subscribed to a channel when its first subscriber comes, and unsubscribed when
/// its last one leaves. The library renews them on each connection; the hub waits until Redis has confirmed that, which the
/// library does not tell, and lets subscribers know that they may have missed something.
/// </summary>
// Threading: the gate guards the table and the entries; each entry has one loop at a time that waits for its confirmation.
internal sealed class SubscriptionHub : IAsyncDisposable
{
    /// <summary>After how many answers without a confirmation Redis is asked for its reason.</summary>
    private const int AskAfter = 3;

    private readonly Lock _gate = new();
    private readonly Dictionary<ChannelKey, ChannelEntry> _entries = [];
    private readonly LibraryChannels _library;
    private readonly RedisClientOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;
    private long _version = 1;
    private bool _isDisposed;

    public SubscriptionHub(RedisLink link, RedisClientOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _stopped = _stopping.Token;
        _library = new LibraryChannels(link, options, _stopped);
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

    /// <summary>Waits for the confirmation of all subscriptions anew: a subscribing connection was opened.</summary>
    /// <param name="node">
    /// The node whose former connection is gone while nothing has been sent over the new one; null where that is not known.
    /// </param>
    public void OnConnectionOpened(EndPoint? node)
    {
        lock (_gate)
        {
            _version++;
            foreach (var entry in _entries.Values)
            {
                if (node is not null && Equals(_library.NodeOf(entry.Channel), node))
                {
                    // A late confirmation makes the library think that this one stands, and it would not renew it.
                    _library.Leave(entry.Queue);
                    Join(entry);
                }

                Await(entry);
            }
        }
    }

    /// <summary>Waits for the confirmation of the subscriptions that stand on no connection.</summary>
    // On a thread of its own: the library may hold its lock for writing, which whoever holds the gate may wait for.
    public void OnConnectionLost() => ThreadPool.UnsafeQueueUserWorkItem(static hub => hub.AwaitLost(), this, preferLocal: false);

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
                entry.Add(sink);
                Await(entry);
            }
            else
            {
                entry.Add(sink);
            }
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
                if (!entry.IsAwaited)
                {
                    _library.Leave(entry.Queue);
                }
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
                _library.Leave(entry.Queue);
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

            await entry.Awaiting;
        }

        _stopping.Dispose();
    }

    private void AwaitLost()
    {
        lock (_gate)
        {
            foreach (var entry in _entries.Values)
            {
                if (_library.NodeOf(entry.Channel) is null)
                {
                    entry.Version = 0;
                    Await(entry);
                }
            }
        }
    }

    // Under the gate.
    private bool IsCurrent(ChannelEntry entry) => _entries.GetValueOrDefault(entry.Key) == entry;

    // Under the gate.
    private void Join(ChannelEntry entry) => Take(entry, _library.Join(entry.Channel));

    private void JoinFirst(ChannelEntry entry)
    {
        lock (_gate)
        {
            if (IsCurrent(entry))
            {
                Join(entry);
            }
        }
    }

    // Under the gate.
    private void Take(ChannelEntry entry, ChannelMessageQueue queue)
    {
        entry.Queue = queue;
        entry.Pumping = PumpAsync(entry, queue, entry.Pumping);
    }

    // Under the gate.
    private void Await(ChannelEntry entry)
    {
        if (!entry.IsAwaited)
        {
            entry.IsAwaited = true;
            entry.Awaiting = Task.Run(() => AwaitAsync(entry));
        }
    }

    /// <summary>The loop of an entry: waits until Redis has confirmed the subscription on the connection that is there.</summary>
    private async Task AwaitAsync(ChannelEntry entry)
    {
        for (var answers = 0; !_stopped.IsCancellationRequested;)
        {
            long version;
            lock (_gate)
            {
                if (IsDone(entry, answers))
                {
                    entry.IsAwaited = false;
                    return;
                }

                version = _version;
            }

            try
            {
                if (entry.Queue is null)
                {
                    await _library.OpenAsync();
                    JoinFirst(entry);
                }

                await _library.PingAsync();
                answers++;
                if (_library.NodeOf(entry.Channel) is not null)
                {
                    Confirm(entry, version);
                    answers = 0;
                    continue;
                }

                if (answers > AskAfter)
                {
                    answers = 0;
                    await AskAsync(entry);
                }
            }
            catch (Exception exception)
            {
                if (IsRefusal(entry, exception))
                {
                    return;
                }

                answers = 0;
            }

            await Task.Delay(_options.ReconnectMinPause, _options.TimeProvider, _stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _library.Leave(entry.Queue);
    }

    /// <summary>Subscribes in the way in which the library tells why Redis refuses.</summary>
    private async Task AskAsync(ChannelEntry entry)
    {
        Task<ChannelMessageQueue> asking;
        lock (_gate)
        {
            var queue = entry.Queue;
            entry.Queue = null;
            _library.Leave(queue);
            asking = _library.AskAsync(entry.Channel);
        }

        try
        {
            var queue = await asking;
            lock (_gate)
            {
                Take(entry, queue);
            }
        }
        catch (Exception exception) when (!IsPermission(exception))
        {
            lock (_gate)
            {
                Join(entry);
            }
        }
    }

    // Under the gate. Redis can be unsubscribed only from what it has confirmed, or what was sent would outlive the entry.
    private bool IsDone(ChannelEntry entry, int answers)
    {
        if (IsCurrent(entry))
        {
            return entry.Version == _version;
        }

        if (answers <= AskAfter && _library.NodeOf(entry.Channel) is null)
        {
            return false;
        }

        _library.Leave(entry.Queue);
        return true;
    }

    private void Confirm(ChannelEntry entry, long version)
    {
        lock (_gate)
        {
            if (!IsCurrent(entry) || version != _version)
            {
                // Nobody wants it any more; or a connection came meanwhile, and who waits is told when it has confirmed, too.
                return;
            }
        }

        // Before the first message that came over the new connection: who counts on having seen all looks back now.
        if (!entry.Confirmed.TrySetResult())
        {
            foreach (var sink in entry.Sinks)
            {
                sink.OnResubscribed();
            }
        }

        lock (_gate)
        {
            if (version == _version && _library.NodeOf(entry.Channel) is not null)
            {
                entry.Version = version;
            }
        }
    }

    /// <summary>Whether Redis refuses the channel for good, which its subscribers are told.</summary>
    private bool IsRefusal(ChannelEntry entry, Exception exception)
    {
        if (!IsPermission(exception))
        {
            return false;
        }

        if (entry.Confirmed.Task.IsCompletedSuccessfully)
        {
            // One after a reconnection may pass (an ACL is being changed): it is tried again.
            RedisLog.ResubscriptionFailed(_logger, entry.Key.ToString(), FailureReader.Describe(exception));
            lock (_gate)
            {
                Join(entry);
            }

            return false;
        }

        lock (_gate)
        {
            if (IsCurrent(entry))
            {
                _entries.Remove(entry.Key);
            }

            entry.IsAwaited = false;
        }

        entry.Confirmed.TrySetException(FailureReader.Read(exception));
        return true;
    }

    private bool IsAwaited(ChannelEntry entry, out Task awaiting)
    {
        lock (_gate)
        {
            awaiting = entry.Awaiting;
            return IsCurrent(entry) && entry.Version != _version;
        }
    }

    private static bool IsPermission(Exception exception) => exception is RedisServerException { Kind: RedisErrorKind.NoPermission };

    private async Task PumpAsync(ChannelEntry entry, ChannelMessageQueue queue, Task previous)
    {
        await previous;
        await foreach (var message in queue)
        {
            while (entry.Version != Volatile.Read(ref _version) && IsAwaited(entry, out var awaiting))
            {
                await awaiting;
            }

            entry.Deliver(message);
        }

        if (entry.Queue == queue)
        {
            await RejoinAsync(entry, queue);
        }
    }

    /// <summary>Joins anew after an application has ended all subscriptions of its multiplexer, ours among them.</summary>
    private async Task RejoinAsync(ChannelEntry entry, ChannelMessageQueue queue)
    {
        // The library ends a queue before it tells Redis, which must not come after the new subscription.
        await Task.Delay(_options.ReconnectMinPause, _options.TimeProvider, _stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            if (entry.Queue == queue && IsCurrent(entry))
            {
                entry.Version = 0;
                Join(entry);
                Await(entry);
            }
        }
    }
}
