using Ducts.Connections;
using Ducts.Dispatch.Binding;
using Ducts.Protocol;
using Ducts.Sessions;

namespace Ducts.Dispatch;

/// <summary>Reads the messages of one receive loop, finds their events, and calls their handlers.</summary>
/// <remarks>Threading: used by one receive loop.</remarks>
internal sealed class MessageDispatch(IReplyChannel channel, Dispatcher dispatcher) : IMessageDispatch
{
    private const int MaxRequestId = 1024;

    private readonly InvocationScope _scope = new(channel, dispatcher);

    public int Dispatch(WireEncoding encoding, ReadOnlyMemory<byte> message, int credit) =>
        encoding == WireEncoding.Json ? DispatchJson(message.Span, credit) : Dispatch(encoding, message, credit, problem: null);

    public (byte[] RequestId, bool IsUrgent) Peek(WireEncoding encoding, ReadOnlyMemory<byte> message)
    {
        if (encoding == WireEncoding.Json)
        {
            var converted = Convert(message.Span, out _);
            var result = Peek(converted.Written);
            converted.Return();
            return result;
        }

        return Peek(message.Span);
    }

    public void Cancel(WireEncoding encoding, ReadOnlyMemory<byte> message, bool isStopping)
    {
        var text = isStopping ? ErrorText.Format(ErrorNames.Connection, "the server is stopping") : ErrorText.Format(ErrorNames.Runtime, "cancelled");
        if (encoding == WireEncoding.Json)
        {
            var converted = Convert(message.Span, out _);
            Cancel(encoding, converted.Written, text);
            converted.Return();
        }
        else
        {
            Cancel(encoding, message.Span, text);
        }
    }

    private MessageBuffer Convert(ReadOnlySpan<byte> text, out RequestProblem? problem)
    {
        var converted = new MessageBuffer();
        problem = JsonForm.ReadRequest(text, dispatcher.Limits.MaxDepth, converted);
        return converted;
    }

    private (byte[] RequestId, bool IsUrgent) Peek(ReadOnlySpan<byte> message)
    {
        var head = RequestHead.Read(message, dispatcher.Limits);
        var requestId = message[head.RequestId];
        return (requestId.Length > MaxRequestId ? [] : requestId.ToArray(), head.EventId is ProtocolEvents.Cancel or ProtocolEvents.End);
    }

    private void Cancel(WireEncoding encoding, ReadOnlySpan<byte> message, string text)
    {
        var head = RequestHead.Read(message, dispatcher.Limits);
        var requestId = message[head.RequestId];
        if (requestId.IsEmpty || requestId.Length > MaxRequestId)
        {
            return;
        }

        dispatcher.Metrics.Failed();
        Send(encoding, requestId, head.EventId, text);
    }

    private int DispatchJson(ReadOnlySpan<byte> text, int credit)
    {
        var converted = Convert(text, out var problem);
        var missing = Dispatch(WireEncoding.Json, converted.WrittenMemory, credit, problem);
        converted.Return();
        return missing;
    }

    private int Dispatch(WireEncoding encoding, ReadOnlyMemory<byte> message, int credit, RequestProblem? problem)
    {
        var head = RequestHead.Read(message.Span, dispatcher.Limits);
        var requestId = message[head.RequestId];
        if (requestId.Length > MaxRequestId)
        {
            RefuseId(encoding, requestId.Length);
            return 0;
        }

        problem ??= head.Problem;
        if (problem is { IsMalformed: true } fault)
        {
            RefuseMalformed(encoding, requestId.Span, head.EventId, fault.Text);
            return 0;
        }

        if (problem is { } noEvent)
        {
            dispatcher.Metrics.Received();
            Refuse(encoding, requestId.Span, eventId: null, ErrorText.Format(ErrorNames.Value, noEvent.Text));
            return 0;
        }

        var eventId = head.EventId!.Value;
        if (!dispatcher.Events.Events.TryGetValue(eventId, out var entry))
        {
            dispatcher.Metrics.Received();
            Refuse(encoding, requestId.Span, eventId, ErrorText.Format(ErrorNames.Key, $"no event {eventId}"));
            return 0;
        }

        var reserved = entry.LargestReply;
        if (reserved > 0 && !channel.Account.TryReserve(reserved))
        {
            return reserved;
        }

        // Last, for a message that has to come again is counted once.
        if (channel.Gate?.Refuse(eventId) is { } refusal)
        {
            if (reserved > 0)
            {
                channel.Account.EndReserve(reserved);
            }

            dispatcher.Metrics.Received();
            Refuse(encoding, requestId.Span, eventId, refusal);
            return 0;
        }

        dispatcher.Metrics.Received();
        _scope.Begin(entry, encoding, requestId, message[head.Data], credit);
        try
        {
            var invocation = new Invocation(message.Span[head.Data], _scope);
            entry.Invoker.Invoke(ref invocation);
        }
        catch (Exception exception)
        {
            _scope.Fail(exception);
        }

        if (_scope.Detached is { IsRunning: false } request)
        {
            request.End();
        }

        _scope.End();
        if (reserved > 0)
        {
            channel.Account.EndReserve(reserved);
        }

        return 0;
    }

    // Every reply, item and piece would carry it. One of this size cannot be told, so the error has none.
    private void RefuseId(WireEncoding encoding, int length)
    {
        var problem = $"the request id has {length} bytes, more than {MaxRequestId}";
        dispatcher.Metrics.Malformed();
        dispatcher.Metrics.Failed();
        dispatcher.Log.Malformed(channel.SessionId, problem);
        Send(encoding, ReplyMessages.NoRequest, eventId: null, ErrorText.Format(ErrorNames.Value, problem));
        channel.CountMalformed();
    }

    private void RefuseMalformed(WireEncoding encoding, ReadOnlySpan<byte> requestId, int? eventId, string problem)
    {
        dispatcher.Metrics.Malformed();
        dispatcher.Log.Malformed(channel.SessionId, problem);
        if (!requestId.IsEmpty)
        {
            Refuse(encoding, requestId, eventId, ErrorText.Format(ErrorNames.Value, problem));
        }

        channel.CountMalformed();
    }

    private void Refuse(WireEncoding encoding, ReadOnlySpan<byte> requestId, int? eventId, string text)
    {
        dispatcher.Metrics.Failed();
        Send(encoding, requestId, eventId, text);
    }

    private void Send(WireEncoding encoding, ReadOnlySpan<byte> requestId, int? eventId, string text)
    {
        var buffer = MessageBuffer.Rent();
        ReplyMessages.Text(buffer, requestId, ProtocolEvents.ErrorOf(eventId), text);
        channel.Send(buffer, requestId, encoding);
        buffer.Return();
    }
}
