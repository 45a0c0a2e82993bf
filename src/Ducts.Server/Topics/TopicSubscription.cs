using Ducts.Dispatch;
using Ducts.MessagePack;

namespace Ducts.Topics;

/// <summary>
/// What is published to a topic from a place on. The first enumeration takes the place along, so that a subscription which
/// is kept keeps nothing of what was read; one that comes later starts with what is published then.
/// </summary>
// Threading: any thread.
internal sealed class TopicSubscription<T>(Topic<T> topic, TopicNode<T> from) : IAsyncEnumerable<T>, ISelfSendingStream<T>
{
    private TopicNode<T>? _from = from;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) => Open(null, cancellationToken);

    /// <summary>Streams to a client: each item is packed once for all, and most are taken as they come.</summary>
    public Task SendAsync(Request request, PackConverter<T> converter) =>
        StreamPump.PumpAsync(request, new Sunk(this, TopicStream<T>.For(request, converter)), new TopicItemConverter<T>(converter));

    private TopicReader<T> Open(TopicStream<T>? sink, CancellationToken cancellationToken) =>
        new(topic, Interlocked.Exchange(ref _from, null) ?? topic.Last, sink, cancellationToken);

    private sealed class Sunk(TopicSubscription<T> subscription, TopicStream<T>? sink) : IAsyncEnumerable<TopicItem<T>>
    {
        public IAsyncEnumerator<TopicItem<T>> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
            subscription.Open(sink, cancellationToken);
    }
}
