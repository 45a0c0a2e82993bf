namespace Ducts;

/// <summary>Specifies the event that a handler class of a compiled assembly answers.</summary>
/// <param name="id">The event's id, from 1000.</param>
/// <param name="key">The event's key, in upper case.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EventAttribute(int id, string key) : Attribute
{
    /// <summary>Gets the event's id.</summary>
    public int Id { get; } = id;

    /// <summary>Gets the event's key.</summary>
    public string Key { get; } = key;
}
