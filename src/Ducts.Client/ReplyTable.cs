using System.Collections.Concurrent;
using System.Globalization;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>What a message was to a session of version 2.</summary>
internal enum ReceivedAs
{
    /// <summary>One that the server counts, and that has been given to whom it is for.</summary>
    Numbered,

    /// <summary>One that is not counted.</summary>
    Other,

    /// <summary>A receipt that does not fit: the session is over.</summary>
    OutOfRange,
}

/// <summary>Brings messages to the requests they answer, and to the functions set for their events.</summary>
internal sealed class ReplyTable(EventHandlers handlers, int maxMessageSize)
{
    private readonly ConcurrentDictionary<long, Reply> _replies = new();

    // Only the receive loop touches these.
    private readonly Dictionary<MessagePackElement, DividedMessage> _divided = [];
    private readonly MessagePackLimits _limits = new(MaxDepth: 512, MaxItems: long.MaxValue, maxMessageSize);

    private Exception? _ended;
    private long _lastId;

    // Of the send loop.
    private long _lastOrder;

    public long Add(Reply reply)
    {
        var id = reply.Id = Interlocked.Increment(ref _lastId);
        _replies[id] = reply;

        // Between the session's end and this, nobody would fail it.
        if (Volatile.Read(ref _ended) is { } reason && _replies.TryRemove(id, out _))
            reply.Fail(reason);
        return id;
    }

    /// <summary>An id that no reply is kept for.</summary>
    public long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>Packs END, which waits for its reply from then on, into an array of the shared pool.</summary>
    public ArraySegment<byte> PackEnd(EndReply end)
    {
        if (end.Id == 0)
            Add(end);
        var output = PackBuffer.Rent();
        RequestMessage.Write(output, end.Id, end.EventId, null, PackSerializerOptions.Default.GetConverter<object?>());
        return output.ToPooled();
    }

    /// <summary>The next place among all that was sent in version 1.</summary>
    public long NextOrder() => ++_lastOrder;

    /// <summary>Returns whether a request waits for its reply, or for more of it.</summary>
    public bool Contains(Reply reply) => _replies.TryGetValue(reply.Id, out var other) && other == reply;

    public bool Remove(long id) => _replies.TryRemove(id, out _);

    public void FailAll(Exception exception)
    {
        Volatile.Write(ref _ended, exception);
        foreach (var id in _replies.Keys)
        {
            if (_replies.TryRemove(id, out var reply))
                reply.Fail(exception);
        }
    }

    /// <summary>Fails what was sent, because the session is over that it was sent in. Called while there is no connection.</summary>
    public void FailSent(Exception exception)
    {
        _divided.Clear();
        foreach (var (id, reply) in _replies)
        {
            if (reply.SentOrder > 0 && _replies.TryRemove(id, out _))
            {
                reply.Fail(exception);
            }
        }
    }

    /// <summary>
    /// Fails the request that was larger than the server takes, and what was sent after it: the server has read none of that. Called while there is no
    /// connection.
    /// </summary>
    /// <param name="order">The large request's place among all that was sent.</param>
    /// <param name="size">Its size in bytes.</param>
    public void FailTooLarge(long order, int size)
    {
        foreach (var (id, reply) in _replies)
        {
            if (reply is AliveReply || reply.SentOrder < order || !_replies.TryRemove(id, out _))
            {
                continue;
            }

            reply.Fail(new DuctsConnectionException(reply.SentOrder == order
                ? $"The request of {size} bytes is larger than the server takes; it was not carried out."
                : $"The request was sent after one of {size} bytes, which is larger than the server takes, and not carried out."));
        }
    }

    /// <summary>Fails the request that the server has refused with a close code.</summary>
    private void FailRefused(long number, int code)
    {
        foreach (var (id, reply) in _replies)
        {
            if (reply.SentOrder == number && _replies.TryRemove(id, out _))
            {
                reply.Fail(new DuctsConnectionException(code == CloseCode.TooLarge
                    ? "The request is larger than the server takes; it was not carried out."
                    : string.Create(CultureInfo.InvariantCulture, $"The server could not read the request and refused it with {code}; it was not carried out.")));
            }
        }
    }

    /// <summary>Takes a whole message. What cannot be read fails the request that it is for; if nothing says which, it is dropped.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="exchange">Counts the messages of a session of version 2; null in version 1.</param>
    public ReceivedAs Receive(ReadOnlyMemory<byte> bytes, Exchange? exchange = null)
    {
        if (MessagePackElement.TryParse(bytes, out var message, _limits) == MessagePackStatus.Ok && ReplyMessage.TryRead(message, out var inbound))
        {
            if (exchange is not null && inbound.RequestId.IsNil && IsOfProtocol(inbound, exchange) is { } received)
            {
                return received;
            }

            Receive(inbound, exchange);
            return SessionMessages.HasNumber(inbound.EventId) ? ReceivedAs.Numbered : ReceivedAs.Other;
        }

        var head = RequestHead.Read(bytes.Span, _limits);
        if (!head.RequestId.Equals(default) && MessagePackElement.TryParse(bytes[head.RequestId], out var requestId, _limits) == MessagePackStatus.Ok)
        {
            FailUnreadable(requestId);
        }

        return head.EventId is { } eventId && !SessionMessages.HasNumber(eventId) ? ReceivedAs.Other : ReceivedAs.Numbered;
    }

    private ReceivedAs? IsOfProtocol(in ReplyMessage inbound, Exchange exchange)
    {
        switch (inbound.EventId)
        {
            case ProtocolEvents.Received:
                return SessionMessages.TryReadReceived(inbound.Data, out var received) && exchange.TryConfirm(received) ? ReceivedAs.Other : ReceivedAs.OutOfRange;
            case ProtocolEvents.Welcome:
                return ReceivedAs.Other;
            case ProtocolEvents.ProtocolError:
                if (SessionMessages.TryReadRefused(inbound.Data, out var number, out var code))
                {
                    FailRefused(number, code);
                    exchange.Refused(number);
                }

                return ReceivedAs.Numbered;
            default:
                return null;
        }
    }

    private void Receive(in ReplyMessage inbound, Exchange? exchange)
    {
        // An error may pass the requests before it.
        if (exchange is not null && inbound.EventId >= 0 && TryFind(inbound.RequestId, out _, out var reply) && reply.ConfirmsRequest)
        {
            exchange.Answered(reply.SentOrder);
        }

        switch (inbound.EventId)
        {
            case ProtocolEvents.LoopResponseStart or ProtocolEvents.LoopResponseNext or ProtocolEvents.LoopResponseEnd:
                ReceiveStream(inbound);
                break;
            case ProtocolEvents.DividedResponseAppend:
                Append(inbound);
                break;
            case ProtocolEvents.DividedResponseEnd:
                if (_divided.Remove(inbound.RequestId, out var whole))
                    Receive(whole.ToMemory());
                else
                    FailUnreadable(inbound.RequestId);
                break;
            default:
                ReceivePlain(inbound);
                break;
        }
    }

    private void ReceivePlain(in ReplyMessage inbound)
    {
        if (!TryFind(inbound.RequestId, out var id, out var reply))
        {
            if (inbound.EventId >= 0)
                handlers.Invoke(inbound.EventId, inbound.Data);
            return;
        }

        if (reply is AliveReply && inbound.EventId == ProtocolEvents.AliveMonitoring)
        {
            reply.Complete(inbound.Data);
            return;
        }

        _replies.TryRemove(id, out _);
        if (inbound.EventId < 0)
            reply.Fail(ErrorOf(reply, inbound.Data));
        else
            reply.Complete(inbound.Data);
    }

    private void ReceiveStream(in ReplyMessage inbound)
    {
        if (!ReplyMessage.TryRead(inbound.Data, out var item))
        {
            FailUnreadable(inbound.RequestId);
            return;
        }

        if (!TryFind(inbound.RequestId, out var id, out var reply))
            return;
        if (inbound.EventId == ProtocolEvents.LoopResponseEnd)
        {
            _replies.TryRemove(id, out _);
            // The error itself came before; should it be lost, the end is none of a whole stream.
            if (item.EventId < 0)
                reply.Fail(new DuctsRemoteException(-item.EventId, "RuntimeError('the stream ended with an error')"));
            else
                reply.End();
        }
        else if (item.EventId < 0)
        {
            _replies.TryRemove(id, out _);
            reply.Fail(ErrorOf(reply, item.Data));
        }
        else if (inbound.EventId == ProtocolEvents.LoopResponseStart)
        {
            reply.Start(item.Data);
        }
        else
        {
            reply.Next(item.Data);
        }
    }

    private void Append(in ReplyMessage inbound)
    {
        if (!inbound.Data.TryGetBytes(out var piece))
        {
            FailUnreadable(inbound.RequestId);
            return;
        }

        if (!_divided.TryGetValue(inbound.RequestId, out var message))
            _divided[new MessagePackElement(inbound.RequestId.RawBytes.ToArray())] = message = new DividedMessage();
        if (message.TryAppend(piece.Span, maxMessageSize))
            return;
        if (TryFind(inbound.RequestId, out var id, out var reply) && _replies.TryRemove(id, out _))
            reply.Fail(new DuctsConnectionException($"The reply is longer than {maxMessageSize} bytes."));
    }

    private bool TryFind(MessagePackElement requestId, out long id, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Reply? reply)
    {
        reply = null;
        return requestId.TryGetInt64(out id) && _replies.TryGetValue(id, out reply);
    }

    private void FailUnreadable(MessagePackElement requestId)
    {
        // A stream's reader leaves at the error, and its leaving tells the server.
        if (TryFind(requestId, out _, out var reply))
        {
            reply.Fail(new DuctsConnectionException("The server sent a reply that cannot be read."));
        }
    }

    // What the server could not read it answers under an id of the protocol's own, so the request says what was called.
    private static DuctsRemoteException ErrorOf(Reply reply, MessagePackElement data)
        => DuctsRemoteException.Create(reply.EventId, data.TryGetString(out var text) ? text : data.ToString());
}
