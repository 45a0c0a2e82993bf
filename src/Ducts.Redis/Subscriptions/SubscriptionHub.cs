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
            foreach (var entry in _entries.Values)
            {
                if (node is not null && Equals(_library.NodeOf(entry.Channel), node))
                {
                    // A late confirmation makes the library think that this one stands, and it would not renew it.
                    _library.Leave(entry.Queue);
                    Join(entry);
                }

                AwaitAgain(entry);
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
                Await(entry);
            }

            entry.Add(sink);
        }

        try
        {
            await entry.Subscribed.Task.WaitAsync(_options.CommandTimeout, _options.TimeProvider, cancellationToken);
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
                entry.Confirm();
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
                entry.Confirm();
                _library.Leave(entry.Queue);
            }
        }

        await _stopping.CancelAsync();
        foreach (var entry in entries)
        {
            entry.Subscribed.TrySetException(new ObjectDisposedException(nameof(RedisClient)));
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
                    AwaitAgain(entry);
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
            if (entry.Queue is null && IsCurrent(entry))
            {
                Join(entry);
            }
        }
    }

    // Under the gate.
    private void Take(ChannelEntry entry, ChannelMessageQueue queue) =>
        entry.Take(queue, () => RejoinAsync(entry, queue));

    // Under the gate.
    private void AwaitAgain(ChannelEntry entry)
    {
        entry.BeginRound();
        Await(entry);
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
            int round;
            lock (_gate)
            {
                if (IsDone(entry, answers))
                {
                    entry.IsAwaited = false;
                    return;
                }

                round = entry.Round;
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
                    Confirm(entry, round);
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
                // A connection that was opened meanwhile may have made us join.
                _library.Leave(entry.Queue);
                Take(entry, queue);
            }
        }
        catch (Exception exception) when (!FailureReader.IsDenial(exception))
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
            return entry.IsConfirmed;
        }

        if (answers <= AskAfter && _library.NodeOf(entry.Channel) is null)
        {
            return false;
        }

        _library.Leave(entry.Queue);
        return true;
    }

    private void Confirm(ChannelEntry entry, int round)
    {
        lock (_gate)
        {
            if (!IsCurrent(entry) || round != entry.Round)
            {
                // Nobody wants it any more; or a connection came meanwhile, and who waits is told when it has confirmed, too.
                return;
            }
        }

        // Before the first message that came over the new connection: who counts on having seen all looks back now.
        if (!entry.Subscribed.TrySetResult())
        {
            foreach (var sink in entry.Sinks)
            {
                sink.OnResubscribed();
            }
        }

        lock (_gate)
        {
            if (round == entry.Round)
            {
                entry.Confirm();
            }
        }
    }

    /// <summary>Whether Redis refuses the channel for good, which its subscribers are told.</summary>
    private bool IsRefusal(ChannelEntry entry, Exception exception)
    {
        if (!FailureReader.IsDenial(exception))
        {
            return false;
        }

        if (entry.Subscribed.Task.IsCompletedSuccessfully)
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

            entry.Confirm();
            entry.IsAwaited = false;
        }

        entry.Subscribed.TrySetException(FailureReader.Read(exception));
        return true;
    }

    /// <summary>Joins anew after an application has ended all subscriptions of its multiplexer, ours among them.</summary>
    private async Task RejoinAsync(ChannelEntry entry, ChannelMessageQueue queue)
    {
        if (entry.Queue != queue)
        {
            return;
        }

        // The library ends a queue before it tells Redis, which must not come after the new subscription.
        await Task.Delay(_options.ReconnectMinPause, _options.TimeProvider, _stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            if (entry.Queue == queue && IsCurrent(entry))
            {
                Join(entry);
                AwaitAgain(entry);
            }
        }
    }
}
