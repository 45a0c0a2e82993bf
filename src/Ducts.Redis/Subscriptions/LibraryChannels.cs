using System.Net;
using Ducts.Redis.Connections;
using StackExchange.Redis;

namespace Ducts.Redis.Subscriptions;

/// <summary>The library's subscriptions: joins and leaves channels, and tells what Redis has confirmed.</summary>
// Threading: the gate keeps the library's table consistent: it finds a channel and adds to it in two steps, so that leaving
// and joining at the same time would end in a subscription that receives nothing. Callers may hold gates of their own.
internal sealed class LibraryChannels(RedisLink link, RedisClientOptions options, CancellationToken stopped)
{
    private readonly Lock _gate = new();
    private volatile bool _isOpen;

    private ISubscriber Subscriber => link.Multiplexer.GetSubscriber();

    /// <summary>
    /// Lets the library open its first subscribing connection. What is joined while it does may be subscribed to twice, once for the
    /// joining and once for the new connection.
    /// </summary>
    public async Task OpenAsync()
    {
        if (_isOpen)
        {
            return;
        }

        await PingAsync();
        if (!link.IsExternal)
        {
            await link.FirstSubscription.Ready.WaitAsync(options.CommandTimeout, options.TimeProvider, stopped);
        }

        _isOpen = true;
    }

    /// <summary>
    /// Adds a queue to a channel, which takes messages from the moment when Redis is subscribed. The library subscribes now,
    /// or on the next connection, and again on each one after it.
    /// </summary>
    // Nothing is awaited: the library never hands out the queue of an attempt that failed, and goes on filling it. For a
    // channel that was first joined so, it never tells whether Redis refuses; AskAsync does.
    public ChannelMessageQueue Join(RedisChannel channel)
    {
        lock (_gate)
        {
            return Subscriber.Subscribe(channel, CommandFlags.FireAndForget);
        }
    }

    /// <summary>Takes a queue from its channel; what it has received is still in it.</summary>
    // The asynchronous form completes the queue only when Redis has answered: never, where the connection is lost meanwhile.
    public void Leave(ChannelMessageQueue? queue)
    {
        try
        {
            lock (_gate)
            {
                queue?.Unsubscribe(CommandFlags.FireAndForget);
            }
        }
        catch (ObjectDisposedException)
        {
            // The application has disposed of its multiplexer.
        }
    }

    /// <summary>Returns the node that has confirmed the subscription to a channel; null if none has, or its connection is lost.</summary>
    public EndPoint? NodeOf(RedisChannel channel) => Subscriber.SubscribedEndpoint(channel);

    /// <summary>
    /// Waits for an answer on a subscribing connection: what was sent over it before is confirmed by then. In a cluster it may
    /// be the connection to another node.
    /// </summary>
    public async Task PingAsync()
    {
        try
        {
            await Subscriber.PingAsync().WaitAsync(options.CommandTimeout, options.TimeProvider, stopped);
        }
        catch (RedisServerException)
        {
            // The user may not do that, which is an answer.
        }
    }

    /// <summary>Joins a channel that is not confirmed, and waits for the answer.</summary>
    /// <exception cref="RedisServerException">Redis refuses.</exception>
    public async Task<ChannelMessageQueue> AskAsync(RedisChannel channel)
    {
        var subscriber = Subscriber;
        Task<ChannelMessageQueue> asking;
        lock (_gate)
        {
            asking = subscriber.SubscribeAsync(channel);
        }

        try
        {
            return await asking.WaitAsync(options.CommandTimeout, options.TimeProvider, stopped);
        }
        catch (Exception exception)
        {
            if (!link.IsExternal || exception is RedisServerException)
            {
                // The library keeps the queue that it has not given us. Nobody else can be subscribed.
                lock (_gate)
                {
                    _ = subscriber.UnsubscribeAsync(channel, null, CommandFlags.FireAndForget);
                }
            }

            _ = asking.ContinueWith(static task => task.Exception, TaskScheduler.Default);
            throw;
        }
    }
}
