using Ducts.Connections;
using Ducts.Dispatch;
using Ducts.MessagePack;
using Ducts.Sessions;
using Ducts.Protocol;

namespace Ducts.Topics;

/// <summary>
/// Sends a topic's items to a client that streams it, once the stream has begun: small ones, while there is room. It does
/// so on the topic's thread in the place of the request's pump, for waking that would be most of the work. The rest is the
/// pump's.
/// </summary>
// Threading: called by one thread at a time, and only while the request's pump waits for the next item.
internal sealed class TopicStream<T>
{
    private readonly Request _request;
    private readonly PackConverter<T> _converter;
    private readonly IReplyChannel _channel;
    private readonly byte[] _head;

    private TopicStream(Request request, PackConverter<T> converter)
    {
        _request = request;
        _converter = converter;
        _channel = request.Channel;
        var head = MessageBuffer.Rent();
        ReplyMessages.ItemHead(head, request.RawRequestId, request.EventId);
        _head = head.Written.ToArray();
        head.Return();
    }

    /// <summary>The sink of a request; null when its client wants another form than what is packed.</summary>
    public static TopicStream<T>? For(Request request, PackConverter<T> converter) =>
        request.Encoding == WireEncoding.MessagePack ? new TopicStream<T>(request, converter) : null;

    /// <summary>Sends an item.</summary>
    /// <returns>False when the pump has to wake for this one.</returns>
    public bool TryTake(TopicItem<T> item)
    {
        if (!_request.HasStarted || _request.IsRefused || _channel.IsFull)
            return false;
        byte[] packed;
        try
        {
            packed = item.Pack(_converter);
        }
        catch (Exception)
        {
            // The pump comes to the same, and tells the client.
            return false;
        }

        if (!_request.TryBeginItem())
            return false;
        try
        {
            return _channel.TrySendParts(_head, packed);
        }
        finally
        {
            _request.EndItem();
        }
    }

    /// <summary>Sends what was buffered; no further item is available now.</summary>
    public void Flush() => _channel.Flush();
}
