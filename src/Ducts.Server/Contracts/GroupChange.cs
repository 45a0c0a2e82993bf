using System.Text.Json.Serialization;

namespace Ducts;

/// <summary>Specifies what a <see cref="GroupChange"/> tells.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GroupChangeKind>))]
public enum GroupChangeKind
{
    /// <summary>Members that are in the group: a page of a snapshot. On the wire: <c>snapshot</c>.</summary>
    [JsonStringEnumMemberName("snapshot")]
    Snapshot,

    /// <summary>A session has joined. On the wire: <c>joined</c>.</summary>
    [JsonStringEnumMemberName("joined")]
    Joined,

    /// <summary>A session has left, or has ended. On the wire: <c>left</c>.</summary>
    [JsonStringEnumMemberName("left")]
    Left,
}

/// <summary>Describes a change of who is in a group, or a part of who is.</summary>
/// <remarks>
/// On the wire and in Web APIs it is a map such as
/// <c>{"kind":"joined","members":[{"sessionId":"SS.…","joinId":"…","joinedAt":"…"}]}</c>; <c>isFirst</c> and <c>isLast</c> are there only
/// where they are true.
/// </remarks>
/// <param name="Kind">What it tells.</param>
/// <param name="Members">Who joined or left: one member. In a snapshot, up to 1,000 members, or none.</param>
public sealed record GroupChange(GroupChangeKind Kind, IReadOnlyList<GroupMember> Members)
{
    /// <summary>Gets whether a snapshot begins: what was told before does not count any more.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsFirst { get; init; }

    /// <summary>Gets whether a snapshot is complete.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsLast { get; init; }
}
