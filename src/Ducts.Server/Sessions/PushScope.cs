namespace Ducts.Sessions;

/// <summary>What the sessions have in common that a message is for, wherever they live.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The user's subject, or the group's name; empty for all sessions.</param>
/// <param name="Issuer">Who issued the subject; null for any.</param>
internal sealed record PushScope(PushScopeKind Kind, string Name = "", string? Issuer = null)
{
    public static readonly PushScope All = new(PushScopeKind.All);
}

/// <summary>Specifies what sessions have in common.</summary>
internal enum PushScopeKind
{
    All,
    User,
    Group,
}
