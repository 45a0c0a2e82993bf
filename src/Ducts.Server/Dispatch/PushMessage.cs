using Ducts.Connections;
using Ducts.MessagePack;

namespace Ducts.Dispatch;

/// <summary>A message without a request.</summary>
internal static class PushMessage
{
    // It cannot be divided, for its pieces would belong to no request; Python clients drop what is larger.
    private const int MaxLength = 4 * 1024 * 1024;

    private static ReadOnlySpan<byte> Nil => [0xC0];

    public static void Pack(MessageBuffer buffer, int eventId, object? data, MessagePackSerializerOptions serializer)
    {
        MessagePacker.Reply(buffer, Nil, eventId, data, serializer.GetConverter<object?>());
        if (buffer.Length > MaxLength)
            throw new ArgumentException($"The message has {buffer.Length} bytes; a push may have {MaxLength}.", nameof(data));
    }
}
