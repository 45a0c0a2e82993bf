namespace Ducts.MessagePack;

/// <summary>One value of a message, read on demand.</summary>
public readonly struct MessagePackElement
{
}
