namespace Ducts.Protocol;

/// <summary>The events of the protocol itself; see docs/protocol.md.</summary>
internal static class ProtocolEvents
{
    public const int AliveMonitoring = 0;
    public const int LoopResponseStart = 1;
    public const int LoopResponseNext = 2;
    public const int LoopResponseEnd = 3;
    public const int DividedResponseAppend = 4;
    public const int DividedResponseEnd = 5;
    public const int Cancel = 6;

    /// <summary>The key of the event that cancels a request; a server of the original has none.</summary>
    public const string CancelKey = "CANCEL";

    /// <summary>Returns the id of an error of an event: its negative, or -1 for 0, which has none, and for one that is not known.</summary>
    public static int ErrorOf(int eventId) => eventId > 0 ? -eventId : -1;
}
