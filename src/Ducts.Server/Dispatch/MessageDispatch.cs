using Ducts.Connections;
using Ducts.Dispatch.Binding;
using Ducts.Protocol;
using Ducts.Sessions;

namespace Ducts.Dispatch;

/// <summary>Reads the messages of one receive loop, finds their events, and calls their handlers.</summary>
/// <remarks>Threading: used by one receive loop.</remarks>
internal sealed class MessageDispatch(IReplyChannel channel, Dispatcher dispatcher) : IMessageDispatch
{
    private readonly InvocationScope _scope = new(channel, dispatcher);

    public void Dispatch(WireEncoding encoding, ReadOnlyMemory<byte> message)
    {
        if (encoding == WireEncoding.Json)
        {
            DispatchJson(message.Span);
        }
        else
        {
            Dispatch(encoding, message, problem: null);
        }
    }

    private void DispatchJson(ReadOnlySpan<byte> text)
    {
        var converted = new MessageBuffer();
        var problem = JsonForm.ReadRequest(text, dispatcher.Limits.MaxDepth, converted);
        Dispatch(WireEncoding.Json, converted.WrittenMemory, problem);
        converted.Return();
    }

    private void Dispatch(WireEncoding encoding, ReadOnlyMemory<byte> message, RequestProblem? problem)
    {
        var head = RequestHead.Read(message.Span, dispatcher.Limits);
        problem ??= head.Problem;
        if (problem is { IsMalformed: true } fault)
        {
            RefuseMalformed(encoding, message.Span[head.RequestId], head.EventId, fault.Text);
            return;
        }

        dispatcher.Metrics.Received();
        if (problem is { } noEvent)
        {
            Refuse(encoding, message.Span[head.RequestId], eventId: null, ErrorText.Format(ErrorNames.Value, noEvent.Text));
            return;
        }

        var eventId = head.EventId!.Value;
        if (!dispatcher.Events.Events.TryGetValue(eventId, out var entry))
        {
            Refuse(encoding, message.Span[head.RequestId], eventId, ErrorText.Format(ErrorNames.Key, $"no event {eventId}"));
            return;
        }

        _scope.Begin(entry, encoding, message[head.RequestId], message[head.Data]);
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
        var buffer = MessageBuffer.Rent();
        ReplyMessages.Text(buffer, requestId, ProtocolEvents.ErrorOf(eventId), text);
        channel.Send(buffer, requestId, encoding);
        buffer.Return();
    }
}
