using System.Buffers;
using Ducts.MessagePack;

namespace Ducts.Protocol;

/// <summary>Writes the message that a client sends: <c>[request id, event id, data]</c>.</summary>
internal static class RequestMessage
{
    public static void Write(IBufferWriter<byte> output, long requestId, int eventId, object? data, PackConverter<object?> converter)
    {
        var writer = new PackWriter(output);
        writer.WriteArrayHeader(ReplyMessages.Parts);
        writer.WriteInt64(requestId);
        writer.WriteInt64(eventId);
        converter.Write(ref writer, data);
        writer.Flush();
    }
}
