using StackExchange.Redis;

namespace Ducts.Redis.Subscriptions;

/// <summary>A channel or pattern with those who want its messages.</summary>
// Threading: the hub's gate; the pump takes the list of sinks as it is.
internal sealed class ChannelEntry(ChannelKey key)
{
    private IMessageSink[] _sinks = [];

    public ChannelKey Key => key;

    public IMessageSink[] Sinks => Volatile.Read(ref _sinks);

    /// <summary>Completes when Redis has confirmed the subscription, or fails when it refuses.</summary>
    public TaskCompletionSource Confirmed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets or sets the library's queue of messages; null until the subscription is confirmed.</summary>
    public ChannelMessageQueue? Queue { get; set; }

    /// <summary>Gets or sets the hub's version when the subscription that stands was begun.</summary>
    public long Version { get; set; }

    /// <summary>Gets or sets whether the subscription is being made.</summary>
    public bool IsSubscribing { get; set; }

    /// <summary>Gets or sets the loop that makes the subscription, or made it last.</summary>
    public Task Subscribing { get; set; } = Task.CompletedTask;

    /// <summary>Gets or sets the loop that delivers the messages of the queue, after those of the queues before it.</summary>
    public Task Pumping { get; set; } = Task.CompletedTask;

    public void Add(IMessageSink sink) => Volatile.Write(ref _sinks, [.. _sinks, sink]);

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
}
