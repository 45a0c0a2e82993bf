using Ducts.Connections;
using Ducts.Protocol;
using Ducts.Sessions;

namespace Ducts.Dispatch;

/// <summary>Packs messages that answer no request, as replies are packed.</summary>
internal sealed class PushPacker(IEventTable events, WireSerializer serializer) : IPushPacker
{
    // It cannot be divided, for its pieces would belong to no request; Python clients drop what is larger.
    private const int MaxLength = 4 * 1024 * 1024;

    public int IdOf(string key) => events.KeyIds.TryGetValue(key, out var id)
        ? id
        : throw new KeyNotFoundException($"There is no event '{key}'.");

    public void Pack(MessageBuffer buffer, int eventId, object? data)
    {
        ReplyMessages.Value(buffer, ReplyMessages.NoRequest, eventId, data, serializer.Options.GetConverter<object?>());
        if (buffer.Length > MaxLength)
        {
            throw new ArgumentException($"The message has {buffer.Length} bytes, but a push may have at most {MaxLength}. Send less data, or let clients request it as a stream.", nameof(data));
        }
    }
}
