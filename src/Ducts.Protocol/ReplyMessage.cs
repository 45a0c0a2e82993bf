using Ducts.MessagePack;

namespace Ducts.Protocol;

/// <summary>A message from a server as a client reads it: which request it answers, which event, and its data.</summary>
internal readonly record struct ReplyMessage(MessagePackElement RequestId, int EventId, MessagePackElement Data)
{
    /// <summary>Reads a message of exactly three parts.</summary>
    public static bool TryRead(MessagePackElement message, out ReplyMessage reply)
    {
        reply = default;
        if (message.Kind != MessagePackKind.Array)
            return false;
        var parts = message.EnumerateArray();
        if (parts.Count != ReplyMessages.Parts)
            return false;
        parts.MoveNext();
        var requestId = parts.Current;
        parts.MoveNext();
        if (!parts.Current.TryGetInt32(out var eventId))
            return false;
        parts.MoveNext();
        reply = new ReplyMessage(requestId, eventId, parts.Current);
        return true;
    }
}
