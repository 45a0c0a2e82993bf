using Ducts.Sessions;

namespace Ducts.Groups;

/// <summary>A session's being in a group, from one join to the leave.</summary>
internal sealed class Membership(Session session, DateTimeOffset joinedAt)
{
    private readonly Guid _joinId = Guid.CreateVersion7(joinedAt);
    private readonly long _joinedAt = joinedAt.UtcTicks;

    public Session Session => session;

    /// <summary>Gets the group; set when it has been joined.</summary>
    public Group? Group { get; set; }

    /// <summary>Gets or sets its place; of <see cref="MemberList"/>.</summary>
    public int Index { get; set; }

    /// <summary>Describes it, always in the same way: a session keeps its user.</summary>
    public GroupMember Describe()
    {
        var user = session.User.Key;
        return new GroupMember(session.SessionId, null, _joinId, new DateTimeOffset(_joinedAt, TimeSpan.Zero), user?.Subject, user?.Issuer);
    }
}
