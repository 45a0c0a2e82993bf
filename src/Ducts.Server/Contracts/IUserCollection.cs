namespace Ducts;

/// <summary>Represents the signed-in users: those that service discovery found by the application's authentication.</summary>
/// <remarks>
/// A user is known by issuer and subject. The subject is the value of the claim <c>sub</c>, otherwise of
/// <see cref="System.Security.Claims.ClaimTypes.NameIdentifier"/>, otherwise the name. The issuer is that claim's issuer.
/// </remarks>
public interface IUserCollection
{
    /// <summary>Gets the user of a subject, whoever issued it. The user need not have a session.</summary>
    /// <param name="subject">The subject.</param>
    /// <exception cref="ArgumentException">The subject is empty.</exception>
    IUserSessions this[string subject] { get; }

    /// <summary>Gets the user of a subject and an issuer. Use it where more than one issuer is accepted.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="issuer">The issuer.</param>
    /// <exception cref="ArgumentException">The subject or the issuer is empty.</exception>
    IUserSessions this[string subject, string issuer] { get; }
}

/// <summary>Represents the live sessions of one signed-in user.</summary>
public interface IUserSessions : IPushTarget, IEnumerable<IEventSession>
{
    /// <summary>Gets the user's subject.</summary>
    string Subject { get; }

    /// <summary>Gets the number of the user's live sessions.</summary>
    int Count { get; }

    /// <summary>
    /// Closes all sessions of the user, and makes void what was issued to the user until now: tickets of service discovery, and tokens
    /// and cookies that say when they were issued. Authentication that begins after this is accepted. A token whose time of issue has whole seconds
    /// is accepted when it was issued in the same second.
    /// </summary>
    /// <param name="reason">The reason, which the client receives with the close code 4401; at most 123 bytes in UTF-8.</param>
    /// <param name="cancellationToken">Cancels the operation before sessions are closed.</param>
    /// <returns>A task that completes with the number of sessions that were closed. Their closing hooks may still run.</returns>
    /// <exception cref="ArgumentException">The reason is too long.</exception>
    /// <exception cref="Ducts.Redis.RedisClientException">Redis cannot be reached. The sessions of this server are closed; what was issued to the user still holds.</exception>
    Task<int> CloseAsync(string reason = "", CancellationToken cancellationToken = default);
}
