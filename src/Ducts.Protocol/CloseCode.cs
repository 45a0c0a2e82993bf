namespace Ducts.Protocol;

/// <summary>The close codes that a server sends: those of RFC 6455 section 7.4.1 and of IANA's registry, and the protocol's own.</summary>
internal static class CloseCode
{
    public const int Normal = 1000;
    public const int GoingAway = 1001;
    public const int ProtocolError = 1002;
    public const int InvalidPayload = 1007;
    public const int PolicyViolation = 1008;
    public const int TooLarge = 1009;

    /// <summary>The server hands its sessions over to another: its client comes back at once.</summary>
    public const int HandedOver = 1012;

    /// <summary>The server cannot take the connection now: its client tries again later.</summary>
    public const int TryAgainLater = 1013;

    /// <summary>A newer socket has taken the session over.</summary>
    public const int Replaced = 4001;

    /// <summary>The numbers or receipts of the two sides do not fit; the session is over.</summary>
    public const int OutOfStep = 4002;

    /// <summary>Messages that the client lacks are not kept any more; the session is over.</summary>
    public const int Gap = 4003;

    /// <summary>A connection that began later has the session.</summary>
    public const int OlderAttempt = 4004;

    /// <summary>The session has ended: the server ended it, or it is not known any more.</summary>
    public const int Ended = 4005;

    /// <summary>The authentication of the session's user has expired or was revoked.</summary>
    public const int RightsExpired = 4401;

    /// <summary>Returns whether a peer may put this code into a close frame.</summary>
    public static bool IsValidOnTheWire(int code) =>
        code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}
