namespace Ducts;

/// <summary>Specifies what a push to several sessions does about those that have no room for it.</summary>
public enum PushMode
{
    /// <summary>Waits for each of them until it has room or ends. The others get the message at once.</summary>
    Wait,

    /// <summary>Leaves them out.</summary>
    SkipSlow,
}
