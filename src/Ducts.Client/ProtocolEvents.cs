namespace Ducts.Client;

/// <summary>Ids of the events that carry the protocol itself; the same at every server.</summary>
internal static class ProtocolEvents
{
    public const int AliveMonitoring = 0;
    public const int LoopResponseStart = 1;
    public const int LoopResponseNext = 2;
    public const int LoopResponseEnd = 3;
    public const int DividedResponseAppend = 4;
    public const int DividedResponseEnd = 5;

    /// <summary>The key of the event that cancels a request, where the server has one.</summary>
    public const string CancelKey = "CANCEL";
}
