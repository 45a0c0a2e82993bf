using System.Buffers.Text;
using Ducts.MessagePack;

namespace Ducts.Protocol;

/// <summary>A request, <c>[request id, event id, data]</c>, read where it lies.</summary>
/// <param name="RequestId">The id's bytes; empty when it could not be read.</param>
/// <param name="EventId">The event's id; null when it could not be read.</param>
/// <param name="Data">The data's bytes.</param>
/// <param name="Problem">What is wrong; null when all could be read.</param>
internal readonly record struct RequestHead(Range RequestId, int? EventId, Range Data, string? Problem)
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
        var rest = message[requestId.End..];
        if (count == 1)
            return new RequestHead(requestId, null, default, "a request has three parts, not 1");

        reader = new PackReader(rest);
        if (!TryReadEventId(ref reader, limits, out var eventId))
            return new RequestHead(requestId, null, default, "the event id is no integer");
        if (eventId < 0)
            return new RequestHead(requestId, null, default, "the event id is negative");
        if (count != Parts)
            return new RequestHead(requestId, eventId, default, $"a request has three parts, not {count}");

        var dataStart = requestId.End.Value + reader.Position;
        status = ValidateNext(message[dataStart..], limits, out var dataLength);
        if (status == MessagePackStatus.Ok && dataStart + dataLength != message.Length)
            status = MessagePackStatus.TrailingBytes;
        return new RequestHead(requestId, eventId, dataStart..message.Length, status == MessagePackStatus.Ok ? null : Describe(status));
    }

    private static RequestHead Unreadable(string problem) => new(default, null, default, problem);

    private static MessagePackStatus ValidateNext(ReadOnlySpan<byte> bytes, in MessagePackLimits limits, out int length) =>
        MessagePackValidator.Validate(bytes, limits, out length);

    private static bool TryReadEventId(ref PackReader reader, in MessagePackLimits limits, out int eventId)
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
