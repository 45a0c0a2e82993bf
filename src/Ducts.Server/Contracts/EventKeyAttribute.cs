namespace Ducts;

/// <summary>Gives a handler file's event another key than the one its file name has.</summary>
/// <param name="key">The key, in upper case.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EventKeyAttribute(string key) : Attribute
{
    /// <summary>The event's key.</summary>
    public string Key { get; } = key;
}
