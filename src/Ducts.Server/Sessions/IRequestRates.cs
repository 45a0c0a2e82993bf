namespace Ducts.Sessions;

/// <summary>Limits how many requests sessions may send.</summary>
internal interface IRequestRates
{
    /// <summary>Returns what the requests of a session have to pass; null where they have no limit.</summary>
    IRequestGate? Open(Session session, SessionUser user);
}
