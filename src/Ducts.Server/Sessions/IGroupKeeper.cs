namespace Ducts.Sessions;

/// <summary>Keeps which groups sessions are in.</summary>
internal interface IGroupKeeper
{
    /// <summary>Creates what a session has of it, in no group yet.</summary>
    ISessionMemberships Create(Session session);
}

/// <summary>The groups that one session is in.</summary>
internal interface ISessionMemberships : ISessionGroups
{
    /// <summary>The session is over: it leaves all its groups and joins no other. Does not throw and does not wait.</summary>
    void Leave();
}
