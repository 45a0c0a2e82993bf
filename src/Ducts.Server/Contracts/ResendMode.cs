using System.Text.Json.Serialization;

namespace Ducts;

/// <summary>Specifies what a client of version 1 is sent again when it reconnects.</summary>
public enum ResendMode
{
    /// <summary>What it has been sent and has not confirmed by a pong, as far as it can take a repetition. INI: <c>unconfirmed</c>.</summary>
    [JsonStringEnumMemberName("unconfirmed")]
    Unconfirmed,

    /// <summary>Nothing that its lost connection took. INI: <c>none</c>.</summary>
    [JsonStringEnumMemberName("none")]
    None,
}
