using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>What the client does when a connection has ended.</summary>
internal enum AfterClose
{
    /// <summary>Tries to go on in the session, after a pause that grows.</summary>
    Resume,

    /// <summary>Tries to go on in the session at once.</summary>
    ResumeAtOnce,

    /// <summary>Asks service discovery for a new session, after a pause that grows: this one is over.</summary>
    BeginAnew,

    /// <summary>Closes: no other session may follow this one.</summary>
    Close,
}

/// <summary>Says what close codes mean, for both versions of the protocol.</summary>
internal static class CloseRules
{
    /// <summary>Not a code of any server's: the client itself can go on with nothing that follows a message over its limit.</summary>
    public const int UnreadableMessage = -1;

    /// <summary>Returns what follows the end of a connection.</summary>
    /// <param name="code">The close code of the server, or one of the client's own; null if the connection was lost without one.</param>
    /// <param name="isResumable">Whether the session is one of version 2.</param>
    public static AfterClose Of(int? code, bool isResumable) => isResumable ? OfResumable(code) : OfPlain(code);

    // Some are the server's decision about this session, and that no other may follow it. Every other code may be a proxy's word, or that of a server that comes back.
    private static AfterClose OfPlain(int? code) => code switch
    {
        CloseCode.Normal or CloseCode.PolicyViolation or CloseCode.Replaced or UnreadableMessage => AfterClose.Close,
        CloseCode.RightsExpired or CloseCode.Ended => AfterClose.BeginAnew,
        _ => AfterClose.Resume,
    };

    // The client lets go of each connection before it opens another, so a code is always that of its newest attempt. 1002, 1007 and 1009 say that a message was
    // refused; which one it was is told on the next connection.
    private static AfterClose OfResumable(int? code) => code switch
    {
        CloseCode.HandedOver => AfterClose.ResumeAtOnce,
        CloseCode.GoingAway or CloseCode.OutOfStep or CloseCode.Gap or CloseCode.Ended or CloseCode.RightsExpired => AfterClose.BeginAnew,
        CloseCode.PolicyViolation or CloseCode.Replaced or CloseCode.OlderAttempt or UnreadableMessage => AfterClose.Close,
        _ => AfterClose.Resume,
    };
}
