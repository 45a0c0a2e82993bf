namespace Ducts.Protocol;

/// <summary>How a message is written: MessagePack in a binary message, or JSON in a text message.</summary>
internal enum WireEncoding : byte
{
    MessagePack,
    Json,
}
