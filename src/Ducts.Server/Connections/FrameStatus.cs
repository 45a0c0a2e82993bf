namespace Ducts.Connections;

/// <summary>How reading a frame went.</summary>
internal enum FrameStatus
{
    Complete,
    Incomplete,
    ProtocolError,
    TooLarge,
    InvalidText,
}
