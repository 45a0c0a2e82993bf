using Ducts.MessagePack;

namespace Ducts;

/// <summary>One request: the event it names, the data it brings, the session it came from.</summary>
public sealed class DuctsEvent
{
    internal DuctsEvent(int id, string key, MessagePackElement data, IEventSession session)
    {
        Id = id;
        Key = key;
        Data = data;
        Session = session;
    }

    /// <summary>The event's id.</summary>
    public int Id { get; }

    /// <summary>The event's key.</summary>
    public string Key { get; }

    /// <summary>The request's data, read on demand. It stays valid after the request has ended.</summary>
    public MessagePackElement Data { get; }

    /// <summary>The session the request came from.</summary>
    public IEventSession Session { get; }
}
