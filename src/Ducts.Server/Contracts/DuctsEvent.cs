using Ducts.MessagePack;

namespace Ducts;

/// <summary>Represents one request: the event that it calls, its data and its session.</summary>
public sealed class DuctsEvent
{
    internal DuctsEvent(int id, string key, MessagePackElement data, IEventSession session)
    {
        Id = id;
        Key = key;
        Data = data;
        Session = session;
    }

    /// <summary>Gets the event's id.</summary>
    public int Id { get; }

    /// <summary>Gets the event's key.</summary>
    public string Key { get; }

    /// <summary>Gets the request's data, which is decoded on demand and stays valid after the request has ended.</summary>
    public MessagePackElement Data { get; }

    /// <summary>Gets the session that sent the request.</summary>
    public IEventSession Session { get; }
}
