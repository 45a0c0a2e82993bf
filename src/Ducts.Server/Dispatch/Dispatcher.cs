using Ducts.Connections;
using Ducts.Dispatch.Binding;
using Ducts.Dispatch.Errors;
using Ducts.Hosting;
using Ducts.MessagePack;
using Ducts.Sessions;
using Ducts.Telemetry;

namespace Ducts.Dispatch;

/// <summary>Reads a message, finds its event, calls the handler.</summary>
/// <remarks>Threading: any receive loop; without state of its own.</remarks>
internal sealed class Dispatcher
{
    // Items beyond this make a message of the largest size out of empty arrays; honest data has fewer.
    private const int MaxItems = 1024 * 1024;

    private readonly MessagePackLimits _limits;
    private readonly int _maxDepth;

    public Dispatcher(ServerContext server, DispatchLog log, ServerMetrics metrics)
    {
        Services = server;
        Log = log;
        Metrics = metrics;
        Errors = new ErrorReporter(server, log);
        var options = server.Options.WebSocketServer;
        _maxDepth = options.MaxDepth;
        _limits = new MessagePackLimits(options.MaxDepth, MaxItems, options.MaxMessageSize);
    }

    public ServerContext Services { get; }

    public TimeProvider Time => Services.Time;

    public ErrorReporter Errors { get; }

    public DispatchLog Log { get; }

    public ServerMetrics Metrics { get; }

    /// <summary>Handles one message. What the handler leaves open goes on by itself.</summary>
    /// <param name="scope">The receive loop's request.</param>
    /// <param name="encoding">How the message is written.</param>
    /// <param name="message">The message, valid while this runs.</param>
    public void Dispatch(InvocationScope scope, WireEncoding encoding, ReadOnlyMemory<byte> message)
    {
        if (encoding == WireEncoding.Json)
            DispatchJson(scope, message.Span);
        else
            Dispatch(scope, encoding, message, problem: null);
    }

    private void DispatchJson(InvocationScope scope, ReadOnlySpan<byte> text)
    {
        var converted = new MessageBuffer();
        var problem = JsonRequest.ToMessagePack(text, _maxDepth, converted);
        Dispatch(scope, WireEncoding.Json, converted.WrittenMemory, problem);
        converted.Return();
    }

    private void Dispatch(InvocationScope scope, WireEncoding encoding, ReadOnlyMemory<byte> message, string? problem)
    {
        var head = RequestHead.Read(message.Span, _limits);
        problem ??= head.Problem;
        scope.Session.PushEncoding = encoding;
        if (problem is not null)
        {
            RefuseMalformed(scope.Session, encoding, message.Span[head.RequestId], head.EventId, problem);
            return;
        }

        Metrics.Received();
        var eventId = head.EventId!.Value;
        if (!Services.Handlers.Current.Events.TryGetValue(eventId, out var entry))
        {
            Refuse(scope.Session, encoding, message.Span[head.RequestId], -eventId, ErrorText.Format(ErrorNames.Key, $"no event {eventId}"));
            return;
        }

        scope.Begin(entry, encoding, message[head.RequestId], message[head.Data]);
        try
        {
            var invocation = new Invocation(message.Span[head.Data], scope);
            entry.Invoker.Invoke(ref invocation);
        }
        catch (Exception exception)
        {
            scope.Fail(exception);
        }

        if (scope.Detached is { IsRunning: false } request)
            request.End();
        scope.End();
    }

    private void RefuseMalformed(Session session, WireEncoding encoding, ReadOnlySpan<byte> requestId, int? eventId, string problem)
    {
        Metrics.Malformed();
        Log.Malformed(session.SessionId, problem);
        if (!requestId.IsEmpty)
            Refuse(session, encoding, requestId, ProtocolEvents.ErrorOf(eventId ?? 0), ErrorText.Format(ErrorNames.Value, problem));
        session.CountMalformed();
    }

    private void Refuse(Session session, WireEncoding encoding, ReadOnlySpan<byte> requestId, int errorId, string text)
    {
        Metrics.Failed();
        var buffer = MessageBuffer.Rent();
        MessagePacker.Text(buffer, requestId, errorId, text);
        session.Send(buffer, requestId, encoding);
        buffer.Return();
    }
}
