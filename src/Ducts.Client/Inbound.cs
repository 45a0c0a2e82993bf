using Ducts.MessagePack;

namespace Ducts.Client;

/// <summary>A message from the server: whom it answers, which event, and what.</summary>
internal readonly record struct Inbound(MessagePackElement RequestId, int EventId, MessagePackElement Data)
{
    /// <summary>Reads a message of exactly three.</summary>
    public static bool TryRead(MessagePackElement message, out Inbound inbound)
    {
        inbound = default;
        if (message.Kind != MessagePackKind.Array)
            return false;
        var parts = message.EnumerateArray();
        if (parts.Count != 3)
            return false;
        parts.MoveNext();
        var requestId = parts.Current;
        parts.MoveNext();
        if (!parts.Current.TryGetInt32(out var eventId))
            return false;
        parts.MoveNext();
        inbound = new Inbound(requestId, eventId, parts.Current);
        return true;
    }
}
