using System.Security.Claims;

namespace Ducts.Sessions;

/// <summary>Identifies a user: subjects are unique to who issued them.</summary>
/// <param name="Issuer">Who issued the subject: a token's issuer, or <see cref="ClaimsIdentity.DefaultIssuer"/>.</param>
/// <param name="Subject">The user's id with the issuer.</param>
internal readonly record struct UserKey(string Issuer, string Subject)
{
    private const string SubjectClaim = "sub";

    /// <summary>Returns the key of a principal, or null where it is not authenticated or names no subject.</summary>
    public static UserKey? Of(ClaimsPrincipal principal)
    {
        foreach (var identity in principal.Identities)
        {
            if (!identity.IsAuthenticated)
            {
                continue;
            }

            var subject = identity.FindFirst(SubjectClaim) ?? identity.FindFirst(ClaimTypes.NameIdentifier) ?? identity.FindFirst(identity.NameClaimType);
            if (subject is { Value.Length: > 0 })
            {
                return new UserKey(subject.Issuer, subject.Value);
            }
        }

        return null;
    }
}

/// <summary>The user of a session, as service discovery or AUTHENTICATE found it.</summary>
/// <remarks>Threading: any thread. It changes only by another taking its place, and with it goes what was decided about it.</remarks>
internal sealed class SessionUser
{
    // Beyond this the decisions begin anew: reloaded handlers bring new policies.
    private const int MaxDecisions = 256;

    private (int Policy, string? Refusal)[] _decisions = [];
    private ClaimsPrincipal? _principal;

    /// <summary>Creates the user of a session that has none.</summary>
    public SessionUser()
    {
    }

    /// <summary>Creates a user.</summary>
    /// <param name="principal">Who was found.</param>
    /// <param name="expiresAt">When the authentication expires; null for never.</param>
    /// <param name="issuedAt">When it was issued; null where that is not known.</param>
    public SessionUser(ClaimsPrincipal principal, DateTimeOffset? expiresAt = null, DateTimeOffset? issuedAt = null)
    {
        _principal = principal;
        IsAuthenticated = IsAuthenticatedBy(principal);
        Key = UserKey.Of(principal);
        ExpiresAt = IsAuthenticated ? expiresAt : null;
        IssuedAt = issuedAt;
    }

    // Made when it is asked for: most sessions of servers without users never are. Handlers may add to it, so it is not shared.
    public ClaimsPrincipal Principal =>
        _principal ?? Interlocked.CompareExchange(ref _principal, new ClaimsPrincipal(new ClaimsIdentity()), null) ?? _principal;

    /// <summary>Gets who it is; null where nobody is authenticated, or the authentication names no subject.</summary>
    public UserKey? Key { get; }

    public bool IsAuthenticated { get; }

    /// <summary>Gets when the authentication expires; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>Returns whether somebody has been authenticated.</summary>
    public static bool IsAuthenticatedBy(ClaimsPrincipal principal) => principal.Identities.Any(static identity => identity.IsAuthenticated);

    /// <summary>Returns whether two are the same user: two that nobody has authenticated are, two without a subject are not.</summary>
    public bool IsSameAs(SessionUser other) =>
        IsAuthenticated || other.IsAuthenticated ? Key is { } key && key == other.Key : true;

    /// <summary>Gets when what says who it is was issued: a ticket, a token, a cookie; null where that is not known.</summary>
    public DateTimeOffset? IssuedAt { get; }

    /// <summary>Finds what was decided about a policy before.</summary>
    /// <param name="policy">The number that the server has given to the policy.</param>
    /// <param name="refusal">What the user lacks; null where the policy is met.</param>
    /// <returns>Whether it has been decided.</returns>
    public bool TryGetDecision(int policy, out string? refusal)
    {
        foreach (var decision in Volatile.Read(ref _decisions))
        {
            if (decision.Policy == policy)
            {
                refusal = decision.Refusal;
                return true;
            }
        }

        refusal = null;
        return false;
    }

    /// <summary>Keeps a decision about a policy that depends on the principal alone.</summary>
    public void SetDecision(int policy, string? refusal)
    {
        // What another thread adds at the same time may be lost; it is then decided again.
        var known = Volatile.Read(ref _decisions);
        Volatile.Write(ref _decisions, known.Length < MaxDecisions ? [.. known, (policy, refusal)] : [(policy, refusal)]);
    }
}
