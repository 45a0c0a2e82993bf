using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>
/// Decides what is sent again of the messages that a client of version 1 has been sent and has not confirmed. It cannot tell a
/// repetition from news: where that could make a wrong value of bytes, the request ends with an error.
/// </summary>
/// <remarks>Threading: used by one task, while no connection has the outbox.</remarks>
internal sealed class ResendReview(Session session)
{
    private static readonly string Interrupted = ErrorText.Format(ErrorNames.Connection, "interrupted, call again");

    private HashSet<byte[]>? _ended;
    private HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> _endedById;
    private ChunkList _again;
    private OutboxChunk? _gathering;

    private enum Verdict
    {
        Again,
        Drop,
        Interrupt,
    }

    /// <summary>Gets what says of messages that wait whether they are not sent any more; null where all are.</summary>
    public Func<FramedMessage, bool>? IsDropped => _ended is null ? null : IsOfEnded;

    /// <summary>Decides on the messages.</summary>
    /// <param name="unconfirmed">The messages; they belong to this from now on.</param>
    /// <returns>What is sent again, in order.</returns>
    public ChunkList Run(ChunkList unconfirmed)
    {
        while (unconfirmed.TryRemove(out var chunk))
        {
            Review(chunk);
        }

        return _again;
    }

    private void Review(OutboxChunk chunk)
    {
        chunk.RestoreEnds();
        var isWhole = true;
        for (var offset = 0; offset < chunk.Length;)
        {
            var start = offset;
            var message = chunk.ReadMessage(ref offset);
            var verdict = Judge(message);
            if (isWhole && verdict != Verdict.Again)
            {
                isWhole = false;
                AddMessagesBefore(chunk, start);
            }

            if (verdict == Verdict.Interrupt)
            {
                Interrupt(message);
            }
            else if (!isWhole && verdict == Verdict.Again)
            {
                Add(message.Frames.Span);
            }
        }

        if (!isWhole)
        {
            chunk.Return();
            return;
        }

        _gathering = null;
        _again.Append(chunk);
    }

    private Verdict Judge(FramedMessage message)
    {
        using var text = new PackedText(message, session.Options.MaxDepth);
        if (!SentHead.TryRead(text.Packed, out var head) || head.RequestId.SequenceEqual(ReplyMessages.NoRequest))
        {
            return Verdict.Again;
        }

        if (IsEnded(head.RequestId))
        {
            return Verdict.Drop;
        }

        return head.IsPiece || head.IsBinaryItem ? Verdict.Interrupt : Verdict.Again;
    }

    // The request ends here: nothing of it follows but the error.
    private void Interrupt(FramedMessage message)
    {
        using var text = new PackedText(message, session.Options.MaxDepth);
        SentHead.TryRead(text.Packed, out var head);
        var id = head.RequestId.ToArray();
        if (_ended is null)
        {
            _ended = new HashSet<byte[]>(RequestIdComparer.Instance);
            _endedById = _ended.GetAlternateLookup<ReadOnlySpan<byte>>();
        }

        _ended.Add(id);
        // First, so that its stream begins no other.
        if (!head.IsPiece || session.Transfers.IsItem(id))
        {
            session.Requests.Interrupt(id);
        }

        var transfer = session.Transfers.Interrupt(id);
        var eventId = head.IsPiece ? transfer?.EventId ?? ProtocolEvents.ProtocolError : head.ItemEventId;
        var isStream = head.IsPiece ? transfer?.IsItem == true : head.IsOfStream;
        session.Context.Log.Interrupted(session.SessionId, eventId);
        var buffer = MessageBuffer.Rent();
        // Where the first item may not have arrived, the call is still open: only an error of its own rejects it.
        if (!isStream || head.EventId == ProtocolEvents.LoopResponseStart)
        {
            ReplyMessages.Text(buffer, id, ProtocolEvents.ErrorOf(eventId), Interrupted);
            Add(buffer, message.Encoding);
        }

        if (isStream)
        {
            ReplyMessages.LoopText(buffer, ProtocolEvents.LoopResponseNext, id, -eventId, Interrupted);
            Add(buffer, message.Encoding);
            ReplyMessages.LoopNull(buffer, ProtocolEvents.LoopResponseEnd, id, -eventId);
            Add(buffer, message.Encoding);
        }

        buffer.Return();
    }

    private bool IsOfEnded(FramedMessage message)
    {
        using var text = new PackedText(message, session.Options.MaxDepth);
        return SentHead.TryRead(text.Packed, out var head) && IsEnded(head.RequestId);
    }

    private bool IsEnded(ReadOnlySpan<byte> requestId) => _ended is not null && _endedById.Contains(requestId);

    private void AddMessagesBefore(OutboxChunk chunk, int end)
    {
        for (var offset = 0; offset < end;)
        {
            Add(chunk.ReadMessage(ref offset).Frames.Span);
        }
    }

    private void Add(MessageBuffer message, WireEncoding encoding)
    {
        var written = encoding == WireEncoding.Json ? message.ToJsonText() : message;
        if (_gathering?.TryAppend(encoding, written.Written) != true)
        {
            Gather(OutboxChunk.Size);
            _gathering!.TryAppend(encoding, written.Written);
        }

        if (written != message)
        {
            written.Return();
        }

        message.Clear();
    }

    private void Add(ReadOnlySpan<byte> frames)
    {
        if (_gathering is null || !_gathering.TryAppendFrames(frames, messages: 1))
        {
            Gather(Math.Max(frames.Length, OutboxChunk.Size));
            _gathering!.TryAppendFrames(frames, messages: 1);
        }
    }

    private void Gather(int size)
    {
        _gathering = OutboxChunk.ForGathering(size);
        _again.Append(_gathering);
    }

    /// <summary>A message in MessagePack, also where it was sent as text.</summary>
    private readonly ref struct PackedText
    {
        private readonly MessageBuffer? _buffer;

        public PackedText(FramedMessage message, int maxDepth)
        {
            Packed = message.Payload.Span;
            if (message.Encoding == WireEncoding.Json)
            {
                _buffer = MessageBuffer.Rent();
                JsonForm.ReadRequest(Packed, maxDepth, _buffer);
                Packed = _buffer.Written;
            }
        }

        public ReadOnlySpan<byte> Packed { get; }

        public void Dispose() => _buffer?.Return();
    }
}
