using StackExchange.Redis;

namespace Ducts.Redis.Subscriptions;

/// <summary>A channel or pattern with those who want its messages.</summary>
// Threading: the hub's gate; the delivery takes the list of sinks as it is.
internal sealed class ChannelEntry(ChannelKey key)
{
    private IMessageSink[] _sinks = [];
    private volatile TaskCompletionSource _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _delivering = Task.CompletedTask;

    public ChannelKey Key => key;

    public RedisChannel Channel { get; } = key.ToChannel();

    public IMessageSink[] Sinks => Volatile.Read(ref _sinks);

    /// <summary>Completes when Redis has confirmed the subscription for the first time, or fails when it refuses.</summary>
    public TaskCompletionSource Subscribed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets or sets the library's queue of messages; null before the channel is joined.</summary>
    public ChannelMessageQueue? Queue { get; set; }

    /// <summary>Gets the number of times that a confirmation had to be waited for.</summary>
    public int Round { get; private set; }

    /// <summary>Gets whether the subscription is confirmed on the connection that is there; messages are held back before.</summary>
    public bool IsConfirmed => _confirmed.Task.IsCompleted;

    /// <summary>Gets or sets whether the loop runs that waits for the confirmation.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>Gets or sets the loop that waits for the confirmation, or did so last.</summary>
    public Task Awaiting { get; set; } = Task.CompletedTask;

    public void Add(IMessageSink sink) => Volatile.Write(ref _sinks, [.. _sinks, sink]);

    /// <summary>Holds messages back until the next confirmation.</summary>
    public void BeginRound()
    {
        Round++;
        if (IsConfirmed)
        {
            _confirmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Lets messages pass, as the subscription is confirmed or nobody wants it any more.</summary>
    public void Confirm() => _confirmed.TrySetResult();

    /// <summary>Delivers the messages of a queue from now on, after those of the queues before it.</summary>
    /// <param name="queue">The library's queue.</param>
    /// <param name="ended">Called when nothing more will come.</param>
    public void Take(ChannelMessageQueue queue, Func<Task> ended)
    {
        Queue = queue;
        _delivering = DeliverAsync(queue, _delivering, ended);
    }

    /// <summary>Removes one; true when it was the last.</summary>
    public bool Remove(IMessageSink sink)
    {
        var index = Array.IndexOf(_sinks, sink);
        if (index < 0)
        {
            return false;
        }

        Volatile.Write(ref _sinks, [.. _sinks.AsSpan(0, index), .. _sinks.AsSpan(index + 1)]);
        return _sinks.Length == 0;
    }

    private async Task DeliverAsync(ChannelMessageQueue queue, Task previous, Func<Task> ended)
    {
        await previous;
        await foreach (var message in queue)
        {
            while (!IsConfirmed)
            {
                await _confirmed.Task;
            }

            var received = new RedisMessage((string)message.Channel!, Key.Kind == ChannelKind.Pattern ? Key.Name : null, (byte[]?)message.Message ?? []);
            foreach (var sink in Sinks)
            {
                sink.OnMessage(received);
            }
        }

        await ended();
    }
}
