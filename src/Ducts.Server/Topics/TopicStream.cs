using Ducts.Connections;
using Ducts.Dispatch;
using Ducts.MessagePack;

namespace Ducts.Topics;

/// <summary>
/// Sends a topic's items to a client that streams it, once the stream has begun: small ones, while there is room. The rest
/// is the pump's.
/// </summary>
internal sealed class TopicStream<T> : ITopicSink<T>
{
    private readonly Request _request;
    private readonly MessagePackConverter<T> _converter;
    private readonly Outbox _outbox;
    private readonly byte[] _head;
    private readonly int _limit;

    private TopicStream(Request request, MessagePackConverter<T> converter)
    {
        _request = request;
        _converter = converter;
        _outbox = request.Session.Outbox;
        _head = MessagePacker.ItemHead(request.RawRequestId, request.EventId);
        _limit = Math.Min(Outbox.CopyThreshold, request.Session.Options.DivideThreshold);
    }

    /// <summary>The sink of a request; null when its client wants another form than what is packed.</summary>
    public static TopicStream<T>? For(Request request, MessagePackConverter<T> converter) =>
        request.Encoding == WireEncoding.MessagePack ? new TopicStream<T>(request, converter) : null;

    public bool TryTake(TopicItem<T> item)
    {
        if (!_request.HasStarted || _request.IsFinished || _outbox.IsFull)
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

        if (_head.Length + packed.Length > _limit)
            return false;
        _outbox.Append(Opcode.Binary, _head, packed);
        return true;
    }

    public void Flush() => _outbox.Signal();
}
