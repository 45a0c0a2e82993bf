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

    /// <summary>Tells which messages have been taken, without a request.</summary>
    public const int Received = 7;

    /// <summary>The server's answer to <see cref="Hello"/>.</summary>
    public const int Welcome = 8;

    /// <summary>Lets a stream send further items, without a request.</summary>
    public const int Credit = 9;

    /// <summary>Replaces the session's user by the one that service discovery has found since.</summary>
    public const int Authenticate = 10;

    /// <summary>Ends the session.</summary>
    public const int End = 12;

    /// <summary>The first message of a connection of version 2.</summary>
    public const int Hello = 13;

    /// <summary>Not an event: its negative is the id of an error that has no event to name.</summary>
    public const int ProtocolError = 99;

    /// <summary>The key of the event that cancels a request; a server of the original has none.</summary>
    public const string CancelKey = "CANCEL";

    /// <summary>
    /// Returns the id of an error of an event: its negative, or that of <see cref="ProtocolError"/> for an event that is not known
    /// and for the ids up to 5. Zero has no negative, and clients take the others with either sign for a piece of a stream or of a
    /// divided message.
    /// </summary>
    public static int ErrorOf(int? eventId) => eventId > DividedResponseEnd ? -eventId.Value : -ProtocolError;
}
