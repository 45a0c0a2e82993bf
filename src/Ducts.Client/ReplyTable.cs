using System.Collections.Concurrent;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>Brings messages to the requests they answer, and to the functions set for their events.</summary>
internal sealed class ReplyTable(EventHandlers handlers, int maxMessageSize)
{
    private readonly ConcurrentDictionary<long, Reply> _replies = new();

    // Only the receive loop touches these.
    private readonly Dictionary<MessagePackElement, DividedMessage> _divided = [];
    private readonly MessagePackLimits _limits = new(MaxDepth: 512, MaxItems: long.MaxValue, maxMessageSize);

    private Exception? _ended;
    private long _lastId;

    public long Add(Reply reply)
    {
        var id = Interlocked.Increment(ref _lastId);
        _replies[id] = reply;

        // Between the session's end and this, nobody would fail it.
        if (Volatile.Read(ref _ended) is { } reason && _replies.TryRemove(id, out _))
            reply.Fail(reason);
        return id;
    }

    /// <summary>An id that no reply is kept for.</summary>
    public long NextId() => Interlocked.Increment(ref _lastId);

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

    /// <summary>Takes a whole message. What cannot be read fails the request that it is for; if nothing says which, it is dropped.</summary>
    public void Receive(ReadOnlyMemory<byte> bytes)
    {
        if (MessagePackElement.TryParse(bytes, out var message, _limits) == MessagePackStatus.Ok && ReplyMessage.TryRead(message, out var inbound))
        {
            Receive(inbound);
            return;
        }

        var head = RequestHead.Read(bytes.Span, _limits);
        if (!head.RequestId.Equals(default) && MessagePackElement.TryParse(bytes[head.RequestId], out var requestId, _limits) == MessagePackStatus.Ok)
        {
            FailUnreadable(requestId);
        }
    }

    private void Receive(in ReplyMessage inbound)
    {
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
