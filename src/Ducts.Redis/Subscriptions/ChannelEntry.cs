namespace Ducts.Redis;

/// <summary>A channel or pattern with those who want its messages.</summary>
// Threading: changed under the hub's gate; the reading thread takes the list as it is.
internal sealed class ChannelEntry(ChannelKey key)
{
    private IMessageSink[] _sinks = [];

    public ChannelKey Key => key;

    public IMessageSink[] Sinks => Volatile.Read(ref _sinks);

    /// <summary>Completes when Redis has confirmed the subscription, or fails when it refuses.</summary>
    public TaskCompletionSource Confirmed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

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
