using Microsoft.Extensions.Logging;

namespace Ducts.Redis;

/// <summary>
/// All subscriptions of a client, over one connection of their own: a slow moment of theirs holds up no command. Redis is
/// subscribed to a channel when its first subscriber comes, and unsubscribed when its last one leaves.
/// </summary>
// Threading: the gate guards the table and the order of what is written; the reading thread takes it per message.
internal sealed class SubscriptionHub : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ChannelKey, ChannelEntry> _entries = [];

    // Redis answers in order. Null stands for an unsubscription.
    private readonly Queue<ChannelEntry?> _expected = [];
    private readonly RedisLink _link;
    private readonly RedisClientOptions _options;
    private readonly ILogger _logger;
    private bool _isStarted;
    private bool _isConnected;
    private bool _isDisposed;

    public SubscriptionHub(EndpointSource endpoints, RedisClientOptions options, CompletionQueue completions, IRedisClock clock, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _link = new RedisLink("subscriptions", endpoints, options, completions, clock, logger, OnUnasked);
        _link.Connected = OnConnected;
        _link.Disconnected = OnDisconnected;
    }

    public long Reconnects => _link.Reconnects;

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

    /// <summary>Adds a subscriber and waits until Redis has confirmed.</summary>
    /// <exception cref="RedisConnectionException">There was no confirmation in time.</exception>
    /// <exception cref="RedisException">Redis refuses the channel.</exception>
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
                Subscribe(entry);
            }

            entry.Add(sink);
            if (!_isStarted)
            {
                _isStarted = true;
                _link.Start();
            }
        }

        try
        {
            await entry.Confirmed.Task.WaitAsync(_options.CommandTimeout, _options.TimeProvider, cancellationToken);
        }
        catch (Exception exception)
        {
            Remove(key, sink);
            if (exception is TimeoutException)
            {
                throw new RedisConnectionException($"Redis did not confirm the subscription to {key} in time.", exception);
            }

            throw;
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
                if (_isConnected)
                {
                    _expected.Enqueue(null);
                    _link.Pipeline.EnqueueUnanswered(RespWriter.Encode(key.IsPattern ? "PUNSUBSCRIBE" : "UNSUBSCRIBE", [key.Name]));
                }
            }
        }
    }

    public void Sweep(long now) => _link.Sweep(now);

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var entry in _entries.Values)
            {
                entry.Confirmed.TrySetException(new ObjectDisposedException(nameof(RedisClient)));
                foreach (var sink in entry.Sinks)
                {
                    sink.OnEnded();
                }
            }
        }

        return _link.DisposeAsync();
    }

    // Under the gate.
    private void Subscribe(ChannelEntry entry)
    {
        if (_isConnected)
        {
            // One channel a command, so that a refusal concerns one.
            _expected.Enqueue(entry);
            _link.Pipeline.EnqueueUnanswered(RespWriter.Encode(entry.Key.IsPattern ? "PSUBSCRIBE" : "SUBSCRIBE", [entry.Key.Name]));
        }
    }

    private void OnConnected(RedisConnection connection)
    {
        lock (_gate)
        {
            _isConnected = true;
            foreach (var entry in _entries.Values)
            {
                Subscribe(entry);
            }
        }
    }

    private void OnDisconnected()
    {
        lock (_gate)
        {
            _isConnected = false;
            _expected.Clear();
            _link.Pipeline.WithdrawAll();
        }
    }

    private void OnUnasked(RedisConnection connection, RedisValue value)
    {
        if (value.IsError)
        {
            OnAnswer(value);
            return;
        }

        if (value.Count < 2)
        {
            // The answer to a PING.
            return;
        }

        switch (value[0].AsString())
        {
            case "message" when value.Count == 3:
                Deliver(new ChannelKey(value[1].AsString()!, false), null, value[1].AsString()!, value[2]);
                break;
            case "pmessage" when value.Count == 4:
                Deliver(new ChannelKey(value[1].AsString()!, true), value[1].AsString(), value[2].AsString()!, value[3]);
                break;
            case "subscribe" or "psubscribe" or "unsubscribe" or "punsubscribe":
                OnAnswer(value);
                break;
        }
    }

    private void Deliver(ChannelKey key, string? pattern, string channel, RedisValue payload)
    {
        ChannelEntry? entry;
        lock (_gate)
        {
            _entries.TryGetValue(key, out entry);
        }

        if (entry is null)
        {
            return;
        }

        var message = new RedisMessage(channel, pattern, payload.RawBytes ?? payload.AsBytes().ToArray());
        foreach (var sink in entry.Sinks)
        {
            sink.OnMessage(message);
        }
    }

    private void OnAnswer(RedisValue value)
    {
        ChannelEntry? entry;
        lock (_gate)
        {
            if (!_expected.TryDequeue(out entry) || entry is null)
            {
                return;
            }

            if (value.IsError && _entries.GetValueOrDefault(entry.Key) == entry)
            {
                // A refusal at first is the subscriber's to know. One after a reconnection may pass (an ACL is being
                // changed): the subscription stays in the table and is asked for with the next connection.
                if (!entry.Confirmed.Task.IsCompletedSuccessfully)
                {
                    _entries.Remove(entry.Key);
                }
            }
        }

        if (value.IsError)
        {
            if (!entry.Confirmed.TrySetException(new RedisException(value.ErrorText)))
            {
                RedisLog.ResubscriptionRefused(_logger, entry.Key.ToString(), value.ErrorText);
            }
        }
        else if (!entry.Confirmed.TrySetResult())
        {
            foreach (var sink in entry.Sinks)
            {
                sink.OnResubscribed();
            }
        }
    }
}
