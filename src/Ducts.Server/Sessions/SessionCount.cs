namespace Ducts.Sessions;

/// <summary>Specifies which number of sessions is at its limit.</summary>
internal enum SessionCount
{
    Free,
    FullForUser,
    FullForAddress,
}

/// <summary>What a client is told of a limit.</summary>
internal static class SessionCounts
{
    /// <summary>Returns the option of a limit, as metrics name it.</summary>
    public static string NameOf(SessionCount count) => count == SessionCount.FullForUser ? "sessions_per_user" : "sessions_per_address";

    public static string Describe(SessionCount count) => count == SessionCount.FullForUser
        ? "This user has as many sessions as one user may have; close one first (option sessions_per_user)."
        : "Your address has as many sessions as one address may have; close one first (option sessions_per_address).";
}
