using StackExchange.Redis;

namespace Ducts.Redis.Subscriptions;

/// <summary>A channel or pattern with those who want its messages.</summary>
// Threading: the hub's gate; the pump takes the list of sinks as it is.
internal sealed class ChannelEntry(ChannelKey key)
{
    private IMessageSink[] _sinks = [];
    private long _version;

    public ChannelKey Key => key;

    public RedisChannel Channel { get; } = key.ToChannel();

    public IMessageSink[] Sinks => Volatile.Read(ref _sinks);

    /// <summary>Completes when Redis has confirmed the subscription, or fails when it refuses.</summary>
    public TaskCompletionSource Confirmed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets or sets the library's queue of messages.</summary>
    public ChannelMessageQueue? Queue { get; set; }

    /// <summary>Gets or sets the hub's version for which the subscription is confirmed.</summary>
    public long Version
    {
        get => Volatile.Read(ref _version);
        set => Volatile.Write(ref _version, value);
    }

    /// <summary>Gets or sets whether the loop runs that waits for the confirmation.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>Gets or sets the loop that waits for the confirmation, or did so last.</summary>
    public Task Awaiting { get; set; } = Task.CompletedTask;

    /// <summary>Gets or sets the loop that delivers the messages of the queue, after those of the queues before it.</summary>
    public Task Pumping { get; set; } = Task.CompletedTask;

    public void Add(IMessageSink sink) => Volatile.Write(ref _sinks, [.. _sinks, sink]);

    /// <summary>Gives a message to all.</summary>
    public void Deliver(ChannelMessage message)
    {
        var received = new RedisMessage((string)message.Channel!, Key.Kind == ChannelKind.Pattern ? Key.Name : null, (byte[]?)message.Message ?? []);
        foreach (var sink in Sinks)
        {
            sink.OnMessage(received);
        }
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
}
