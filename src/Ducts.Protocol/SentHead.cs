using Ducts.MessagePack;

namespace Ducts.Protocol;

/// <summary>What a message of a server is, as far as its head says; its end need not be there.</summary>
internal readonly ref struct SentHead
{
    private SentHead(ReadOnlySpan<byte> requestId, int eventId, int itemEventId, bool isBinaryItem)
    {
        RequestId = requestId;
        EventId = eventId;
        ItemEventId = itemEventId;
        IsBinaryItem = isBinaryItem;
    }

    /// <summary>Gets the bytes of the id of the request that it answers, in MessagePack; nil for none.</summary>
    public ReadOnlySpan<byte> RequestId { get; }

    /// <summary>Gets the event's id, or that of the protocol's event for a stream or a piece; negative for an error.</summary>
    public int EventId { get; }

    /// <summary>Gets whether it is a stream's message.</summary>
    public bool IsOfStream => EventId is ProtocolEvents.LoopResponseStart or ProtocolEvents.LoopResponseNext or ProtocolEvents.LoopResponseEnd;

    /// <summary>Gets whether it is a piece of a divided message, or the end of the pieces.</summary>
    public bool IsPiece => EventId is ProtocolEvents.DividedResponseAppend or ProtocolEvents.DividedResponseEnd;

    /// <summary>Gets the id of the event that a stream's message is for; otherwise <see cref="EventId"/>.</summary>
    public int ItemEventId { get; }

    /// <summary>Gets whether it carries an item of a stream that is bytes.</summary>
    public bool IsBinaryItem { get; }

    /// <summary>Reads the head of a message in MessagePack. In one that was JSON text, a stream's message is a map.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out SentHead head)
    {
        head = default;
        var reader = new PackReader(message);
        if (!TryReadHead(ref reader, out var requestId, out var eventId))
        {
            return false;
        }

        head = new SentHead(requestId, eventId, eventId, isBinaryItem: false);
        if (!head.IsOfStream)
        {
            return true;
        }

        if (reader.TryPeekKind(out var kind) != MessagePackStatus.Ok)
        {
            return false;
        }

        if (kind == MessagePackKind.Map)
        {
            var isRead = TryReadMember(ref reader, out var itemEventId);
            head = new SentHead(requestId, eventId, itemEventId, isBinaryItem: false);
            return isRead;
        }

        if (!TryReadHead(ref reader, out _, out var itemEvent) || reader.TryPeekKind(out var item) != MessagePackStatus.Ok)
        {
            return false;
        }

        head = new SentHead(requestId, eventId, itemEvent, item == MessagePackKind.Binary);
        return true;
    }

    private static bool TryReadHead(scoped ref PackReader reader, out ReadOnlySpan<byte> requestId, out int eventId)
    {
        requestId = default;
        eventId = 0;
        return reader.TryReadArrayHeader(out var count) == MessagePackStatus.Ok
            && count == ReplyMessages.Parts
            && reader.TryReadRaw(out requestId, int.MaxValue) == MessagePackStatus.Ok
            && reader.TryReadInt32(out eventId) == MessagePackStatus.Ok;
    }

    private static bool TryReadMember(ref PackReader reader, out int eventId)
    {
        eventId = 0;
        if (reader.TryReadMapHeader(out var count) != MessagePackStatus.Ok)
        {
            return false;
        }

        for (; count > 0; count--)
        {
            if (reader.TryReadStringBytes(out var name) != MessagePackStatus.Ok)
            {
                return false;
            }

            if (name.SequenceEqual("event_id"u8))
            {
                return reader.TryReadInt32(out eventId) == MessagePackStatus.Ok;
            }

            if (reader.TrySkip(int.MaxValue) != MessagePackStatus.Ok)
            {
                return false;
            }
        }

        return false;
    }
}
