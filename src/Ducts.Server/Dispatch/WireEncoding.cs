namespace Ducts.Dispatch;

/// <summary>How a request was written, and so how it is answered.</summary>
internal enum WireEncoding : byte
{
    MessagePack,
    Json,
}
