using System.Globalization;
using Ducts.Dispatch;
using Ducts.Handlers;
using Ducts.MessagePack;
using Ducts.Sessions;
using Microsoft.Extensions.Options;
using Ducts.Protocol;

namespace Ducts.BuiltIn;

/// <summary>The events that every server has; see docs/protocol.md.</summary>
internal sealed class BuiltInEvents(
    IOptions<DuctsOptions> options,
    WireSerializer serializer,
    TimeProvider time,
    DispatchLog log,
    SessionTickets tickets,
    UserAdmission users)
{
    public IEnumerable<MappedEvent> All
    {
        get
        {
            var redis = new RedisExecuteEvent(options.Value.Event);
            return
            [
                new(Spec(ProtocolEvents.AliveMonitoring, "ALIVE_MONITORING", "Sends the server's clock, at once and then every few seconds.", callback: true), new AliveMonitoringInvoker(), typeof(BuiltInEvents).Assembly),
                Reserved(ProtocolEvents.LoopResponseStart, "LOOP_RESPONSE_START", "First item of a stream."),
                Reserved(ProtocolEvents.LoopResponseNext, "LOOP_RESPONSE_NEXT", "Further item of a stream."),
                Reserved(ProtocolEvents.LoopResponseEnd, "LOOP_RESPONSE_END", "End of a stream."),
                Reserved(ProtocolEvents.DividedResponseAppend, "DIVIDED_RESPONSE_APPEND", "Piece of a large message."),
                Reserved(ProtocolEvents.DividedResponseEnd, "DIVIDED_RESPONSE_END", "End of a large message."),
                new(Spec(ProtocolEvents.Cancel, "CANCEL", "Cancels the request whose id is the data; true when it was running."), new CancelInvoker(), typeof(BuiltInEvents).Assembly),
                Function(
                    ProtocolEvents.Authenticate,
                    "AUTHENTICATE",
                    "Takes the user of a new ticket of service discovery, the data's \"ticket\", in the place of the session's; the same user only.",
                    new AuthenticateEvent(tickets, users).HandleAsync,
                    EventKind.Protocol),
                new(Spec(ProtocolEvents.End, "END", "Ends the session, for clients that count messages."), new EndInvoker(), typeof(BuiltInEvents).Assembly),
                Reserved(ProtocolEvents.ProtocolError, "PROTOCOL_ERROR", "Error of a message that could not be read or names no event."),
                new(Logging(), new LoggingInvoker(options.Value.Event, time, log), typeof(BuiltInEvents).Assembly) { Kind = EventKind.BuiltIn },
                Function(200, "PING", "The server's clock in whole Unix seconds, as text.", Ping, EventKind.Protocol),
                Function(300, "REDIS_EXECUTE", "Runs a Redis command that redis_execute_commands names.", redis.HandleAsync, EventKind.BuiltIn),
                Function(400, "EVENT", "Runs a Redis command that redis_execute_commands names.", redis.HandleAsync, EventKind.BuiltIn),
            ];
        }
    }

    private static HandlerSpec Spec(int id, string key, string description, bool callback = false) =>
        new HandlerSpec(id, key) { Description = description, Callback = callback }.SetAsResponsive();

    private static HandlerSpec Logging() => new HandlerSpec(100, "LOGGING")
    {
        Description = "Writes the data to the server's log, where client_logging allows it.",
        Arguments = [new HandlerArgument("data", typeof(MessagePackElement), Required: true)],
    }.SetAsResponsive();

    private static MappedEvent Reserved(int id, string key, string description) => new(Spec(id, key, description), null, typeof(BuiltInEvents).Assembly);

    private string Ping() => time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private MappedEvent Function(int id, string key, string description, Delegate function, EventKind kind)
    {
        var mapped = MappedEvent.Of(id, key, function, serializer, kind);
        mapped.Spec.Description = description;
        mapped.Spec.SetAsResponsive();
        return mapped;
    }
}
