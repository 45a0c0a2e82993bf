using System.Buffers.Text;
using Ducts.MessagePack;

namespace Ducts.Protocol;

/// <summary>A request, <c>[request id, event id, data]</c>, read where it lies.</summary>
/// <param name="RequestId">The id's bytes; empty when it could not be read.</param>
/// <param name="EventId">The event's id; null when it could not be read, or is none.</param>
/// <param name="Data">The data's bytes.</param>
/// <param name="Problem">What is wrong; null when all could be read.</param>
internal readonly record struct RequestHead(Range RequestId, int? EventId, Range Data, RequestProblem? Problem)
{
    private const int Parts = 3;

    public static RequestHead Read(ReadOnlySpan<byte> message, in MessagePackLimits limits)
    {
        var reader = new PackReader(message);
        var status = reader.TryReadArrayHeader(out var count);
        if (status != MessagePackStatus.Ok)
            return Unreadable(status == MessagePackStatus.TypeMismatch ? "a request is an array [request_id, event_id, data]" : Describe(status));
        if (count == 0)
            return Unreadable("a request has three parts, not 0");

        var idStart = reader.Position;
        status = ValidateNext(message[idStart..], limits, out var idLength);
        if (status != MessagePackStatus.Ok)
            return Unreadable(Describe(status));
        var requestId = idStart..(idStart + idLength);
        if (count == 1)
            return new RequestHead(requestId, null, default, Malformed("a request has three parts, not 1"));

        var eventStart = requestId.End.Value;
        status = ReadEventId(message[eventStart..], limits, out var eventLength, out var eventId, out var noEvent);
        if (status != MessagePackStatus.Ok)
            return new RequestHead(requestId, null, default, Malformed(Describe(status)));
        if (count != Parts)
            return new RequestHead(requestId, eventId, default, Malformed($"a request has three parts, not {count}"));

        var dataStart = eventStart + eventLength;
        status = ValidateNext(message[dataStart..], limits, out var dataLength);
        if (status == MessagePackStatus.Ok && dataStart + dataLength != message.Length)
            status = MessagePackStatus.TrailingBytes;
        return new RequestHead(requestId, eventId, dataStart..message.Length, status == MessagePackStatus.Ok ? noEvent : Malformed(Describe(status)));
    }

    private static RequestHead Unreadable(string problem) => new(default, null, default, Malformed(problem));

    private static RequestProblem Malformed(string text) => new(text, IsMalformed: true);

    private static MessagePackStatus ValidateNext(ReadOnlySpan<byte> bytes, in MessagePackLimits limits, out int length) =>
        MessagePackValidator.Validate(bytes, limits, out length);

    /// <summary>Reads what stands in the place of the event's id; where it is none, says why.</summary>
    private static MessagePackStatus ReadEventId(
        ReadOnlySpan<byte> rest, in MessagePackLimits limits, out int length, out int? eventId, out RequestProblem? noEvent)
    {
        noEvent = null;
        var reader = new PackReader(rest);
        if (TryReadInteger(ref reader, out var number))
        {
            length = reader.Position;
            eventId = number < 0 ? null : number;
            if (number < 0)
            {
                noEvent = new RequestProblem("the event id is negative", IsMalformed: false);
            }

            return MessagePackStatus.Ok;
        }

        eventId = null;
        noEvent = new RequestProblem("the event id is no integer", IsMalformed: false);
        return ValidateNext(rest, limits, out length);
    }

    private static bool TryReadInteger(ref PackReader reader, out int eventId)
    {
        eventId = 0;
        if (reader.TryPeekKind(out var kind) != MessagePackStatus.Ok)
            return false;
        switch (kind)
        {
            case MessagePackKind.Integer:
                return reader.TryReadInt32(out eventId) == MessagePackStatus.Ok;
            case MessagePackKind.Float when reader.TryReadDouble(out var number) == MessagePackStatus.Ok:
                eventId = (int)Math.Clamp(number, int.MinValue, int.MaxValue);
                return eventId == number;
            case MessagePackKind.String when reader.TryReadStringBytes(out var text) == MessagePackStatus.Ok:
                return Utf8Parser.TryParse(text, out eventId, out var read) && read == text.Length;
            default:
                return false;
        }
    }

    private static string Describe(MessagePackStatus status) => status switch
    {
        MessagePackStatus.EndOfData => "the message ends too early",
        MessagePackStatus.TooDeep => "the message is nested too deeply",
        MessagePackStatus.TooManyItems => "the message has too many items",
        MessagePackStatus.TrailingBytes => "bytes follow the message",
        _ => "the message is not MessagePack",
    };
}
