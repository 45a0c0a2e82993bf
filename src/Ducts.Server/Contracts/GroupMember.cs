using System.Text.Json.Serialization;

namespace Ducts;

/// <summary>Describes the membership of a session in a group.</summary>
/// <remarks>On the wire and in Web APIs it is a map with these names in camelCase, without those that are null.</remarks>
/// <param name="SessionId">The session's id, as in <see cref="IEventSession.SessionId"/>.</param>
/// <param name="Node">The id of the server that has the session; null for a server that stands alone.</param>
/// <param name="JoinId">The id of the join, which no other join has: of this session later, of other sessions, groups or servers.</param>
/// <param name="JoinedAt">The time of the join, in UTC.</param>
/// <param name="Subject">The user's subject, as in <see cref="IUserCollection"/>; null if there is no user.</param>
/// <param name="Issuer">Who issued the subject; null if there is no user.</param>
public sealed record GroupMember(
    string SessionId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Node,
    Guid JoinId,
    DateTimeOffset JoinedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Subject,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Issuer);
