using Ducts.Connections;

namespace Ducts.Sessions;

/// <summary>Packs messages that answer no request.</summary>
internal interface IPushPacker
{
    /// <summary>Returns the id of an event.</summary>
    /// <exception cref="KeyNotFoundException">No event has that key.</exception>
    int IdOf(string key);

    /// <summary>Packs a message in MessagePack.</summary>
    /// <exception cref="ArgumentException">The message is larger than a push may be.</exception>
    void Pack(MessageBuffer buffer, int eventId, object? data);
}
