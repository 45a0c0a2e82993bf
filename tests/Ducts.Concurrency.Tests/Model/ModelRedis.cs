using System.Globalization;
using System.Net;
using Ducts.Redis.Subscriptions;
using Microsoft.Coyote.Random;
using StackExchange.Redis;
using ChannelMessage = Ducts.Redis.Subscriptions.ChannelMessage;
using ChannelMessageQueue = Ducts.Redis.Subscriptions.ChannelMessageQueue;

namespace Ducts.Concurrency.Model;

/// <summary>Redis and the subscriptions of StackExchange.Redis to it, over one connection at a time, which carries commands in order.</summary>
internal sealed class ModelRedis
{
    private static readonly EndPoint Node = new DnsEndPoint("redis", 6379);

    private const int MaxPauses = 20;

    private readonly Generator _choices = Generator.Create();
    private readonly Lock _gate = new();
    private readonly Dictionary<RedisChannel, List<ChannelMessageQueue>> _queues = [];
    private readonly HashSet<RedisChannel> _subscribed = [];
    private readonly HashSet<RedisChannel> _confirmed = [];
    private readonly Queue<(int Connection, Action Run)> _commands = new();
    private TaskCompletionSource _noted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isRunning;
    private bool _isConnected = true;
    private int _connection = 1;
    private int _published;

    /// <summary>Gets the one that was created last, which the library of the next hub uses.</summary>
    public static ModelRedis Current { get; private set; } = null!;

    /// <summary>Gets or sets whether Redis takes a while now and then before it runs a command.</summary>
    public bool IsSlow { get; set; }

    /// <summary>Gets or sets who hears of connections.</summary>
    public SubscriptionHub? Hub { get; set; }

    public int Published
    {
        get
        {
            lock (_gate)
            {
                return _published;
            }
        }
    }

    public static ModelRedis Create() => Current = new ModelRedis();

    /// <summary>Publishes a number, by a connection that is not lost.</summary>
    public int Publish(string channel)
    {
        lock (_gate)
        {
            var number = ++_published;
            var key = RedisChannel.Literal(channel);
            if (_subscribed.Contains(key))
            {
                foreach (var queue in _queues.GetValueOrDefault(key) ?? [])
                {
                    queue.Add(new ChannelMessage(key, number.ToString(CultureInfo.InvariantCulture)));
                }
            }

            return number;
        }
    }

    public void Lose()
    {
        lock (_gate)
        {
            _isConnected = false;
            _connection++;
            _subscribed.Clear();
            _confirmed.Clear();
            Note();
        }

        Hub?.OnConnectionLost();
    }

    /// <summary>The library has a new connection, and renews its subscriptions on it; the hub may hear of it before or after.</summary>
    public void Reopen()
    {
        lock (_gate)
        {
            _isConnected = true;
            foreach (var channel in _queues.Keys)
            {
                Subscribe(channel);
            }
        }

        Hub?.OnConnectionOpened(null);
    }

    public Task WhenUnsubscribedAsync(string channel) => UntilAsync(() => !_subscribed.Contains(RedisChannel.Literal(channel)));

    /// <summary>Ends when somebody has joined a channel, whether Redis knows it or not.</summary>
    public Task WhenJoinedAsync(string channel) => UntilAsync(() => _queues.ContainsKey(RedisChannel.Literal(channel)));

    /// <summary>Ends when nobody has joined a channel, all commands have been answered, and Redis sends nothing of it any more.</summary>
    public Task WhenLeftAsync(string channel)
    {
        var key = RedisChannel.Literal(channel);
        return UntilAsync(() => !_queues.ContainsKey(key) && _commands.Count == 0 && !_subscribed.Contains(key));
    }

    public ChannelMessageQueue Join(RedisChannel channel)
    {
        lock (_gate)
        {
            var queue = new ChannelMessageQueue(channel);
            if (_queues.TryGetValue(channel, out var others))
            {
                others.Add(queue);
            }
            else
            {
                _queues.Add(channel, [queue]);
                Subscribe(channel);
                Note();
            }

            return queue;
        }
    }

    public void Leave(ChannelMessageQueue queue)
    {
        lock (_gate)
        {
            queue.Complete();
            if (!_queues.TryGetValue(queue.Channel, out var queues) || !queues.Remove(queue) || queues.Count > 0)
            {
                return;
            }

            _queues.Remove(queue.Channel);
            // The library tells Redis only of a subscription that it has seen confirmed.
            if (_confirmed.Remove(queue.Channel))
            {
                Enqueue(() => _subscribed.Remove(queue.Channel));
            }

            Note();
        }
    }

    public EndPoint? NodeOf(RedisChannel channel)
    {
        lock (_gate)
        {
            return _confirmed.Contains(channel) ? Node : null;
        }
    }

    /// <summary>Ends when the commands before it have been answered.</summary>
    /// <exception cref="TimeoutException">The connection is lost.</exception>
    public async Task PingAsync()
    {
        int connection;
        var answered = false;
        lock (_gate)
        {
            if (!_isConnected)
            {
                throw new TimeoutException();
            }

            connection = _connection;
            Enqueue(() => answered = true);
        }

        while (true)
        {
            Task noted;
            lock (_gate)
            {
                if (answered)
                {
                    return;
                }

                if (connection != _connection)
                {
                    throw new TimeoutException();
                }

                noted = _noted.Task;
            }

            await noted;
        }
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (true)
        {
            Task noted;
            lock (_gate)
            {
                if (condition())
                {
                    return;
                }

                noted = _noted.Task;
            }

            await noted;
        }
    }

    // Under the gate.
    private void Subscribe(RedisChannel channel) => Enqueue(() =>
    {
        _subscribed.Add(channel);
        if (_queues.ContainsKey(channel))
        {
            _confirmed.Add(channel);
        }
    });

    // Under the gate.
    private void Enqueue(Action command)
    {
        if (!_isConnected)
        {
            return;
        }

        _commands.Enqueue((_connection, command));
        if (!_isRunning)
        {
            _isRunning = true;
            _ = ModelTasks.Run(RunAsync);
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            for (var pauses = IsSlow ? _choices.NextInteger(MaxPauses) : 0; pauses > 0; pauses--)
            {
                await Task.Yield();
            }

            lock (_gate)
            {
                if (!_commands.TryDequeue(out var command))
                {
                    _isRunning = false;
                    return;
                }

                if (command.Connection == _connection)
                {
                    command.Run();
                    Note();
                }
            }

            await Task.Yield();
        }
    }

    // Under the gate.
    private void Note()
    {
        _noted.TrySetResult();
        _noted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
