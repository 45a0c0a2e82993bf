namespace Ducts;

/// <summary>Specifies the key of a handler file's event, instead of the key in its file name.</summary>
/// <param name="key">The key, in upper case.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EventKeyAttribute(string key) : Attribute
{
    /// <summary>Gets the event's key.</summary>
    public string Key { get; } = key;
}
