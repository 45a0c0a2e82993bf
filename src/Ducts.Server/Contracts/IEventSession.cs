using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using Ducts.MessagePack;
using Ducts.Redis;

namespace Ducts;

/// <summary>Represents a session in the context of one request or one hook.</summary>
public interface IEventSession
{
    /// <summary>Gets the request's id as the client sent it; nil in hooks and in <see cref="ISessionCollection"/>.</summary>
    MessagePackElement RequestId { get; }

    /// <summary>Gets the session's id: <c>SS.</c> and the base64 of its stream id.</summary>
    string SessionId { get; }

    /// <summary>Gets the server's Redis client.</summary>
    IRedisClient Redis { get; }

    /// <summary>
    /// Gets the services of this request or hook. The scope is created on first use and disposed when the request,
    /// its stream, or the hook ends.
    /// </summary>
    /// <exception cref="InvalidOperationException">The session comes from <see cref="ISessionCollection"/>, where no request or hook ends the scope.</exception>
    IServiceProvider Services { get; }

    /// <summary>Gets the query parameters of the service discovery call.</summary>
    IReadOnlyDictionary<string, string> Query { get; }

    /// <summary>Gets the client's address; behind a trusted proxy, the address that the proxy reports.</summary>
    IPAddress? RemoteIpAddress { get; }

    /// <summary>
    /// Gets the user that ASP.NET Core's authentication found at service discovery, or when the client authenticated again; for one
    /// request, who it was when the request arrived. A principal that is not authenticated if there is no user.
    /// </summary>
    ClaimsPrincipal User { get; }

    /// <summary>Gets the time when the request arrived; in hooks, the time when the session opened.</summary>
    DateTimeOffset Timestamp { get; }

    /// <summary>Gets values that belong to this request only.</summary>
    IDictionary<string, object?> LocalProperties { get; }

    /// <summary>Gets the values that all requests of the session share.</summary>
    ConcurrentDictionary<string, object?> Attributes { get; }

    /// <summary>Gets the values that all handlers and sessions of the server share.</summary>
    ConcurrentDictionary<string, object?> ServerAttributes { get; }

    /// <summary>
    /// Gets the groups that the session is in. Available in requests and hooks; a session that has ended is in none and joins none.
    /// </summary>
    ISessionGroups Groups { get; }

    /// <summary>Gets whether the session has ended; false while it is connected or waits for a reconnect.</summary>
    bool IsClosed { get; }

    /// <summary>
    /// Gets a number that grows whenever another server takes the session over (<see cref="DuctsClusterOptions.Cluster"/>); 0 where there
    /// is one server only. A handler of a server that others believe dead may still run: have what it writes elsewhere refused there once
    /// a higher number has been seen (a fencing token).
    /// </summary>
    long Epoch { get; }

    /// <summary>Gets a token that is cancelled when the session closes.</summary>
    CancellationToken Closed { get; }

    /// <summary>Closes the session: ends its requests and its connection, and voids its ticket, so that its URL opens nothing any more.</summary>
    /// <param name="reason">The reason, which the client receives with the close code 4005; at most 123 bytes in UTF-8.</param>
    /// <param name="cancellationToken">Cancels waiting for Redis; the session is closed in any case.</param>
    /// <returns>A task that completes when no request of the session is served any more. Its closing hooks may still run.</returns>
    /// <exception cref="ArgumentException">The reason is too long.</exception>
    /// <exception cref="RedisClientException">Redis cannot be reached. The session is closed, but its ticket holds until it expires.</exception>
    Task CloseAsync(string reason = "", CancellationToken cancellationToken = default);

    /// <summary>Sends a message that is not a reply to this session.</summary>
    /// <param name="key">The event's key.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    /// <returns>A task that completes when the message is queued; it waits while the session's send buffer is full.</returns>
    /// <exception cref="KeyNotFoundException">No event has that key.</exception>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    /// <exception cref="OperationCanceledException">The session has closed, or the token was cancelled.</exception>
    ValueTask PushAsync(string key, object? data, CancellationToken cancellationToken = default);

    /// <summary>Sends a message that is not a reply to this session.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    /// <returns>A task that completes when the message is queued; it waits while the session's send buffer is full.</returns>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    /// <exception cref="OperationCanceledException">The session has closed, or the token was cancelled.</exception>
    ValueTask PushAsync(int id, object? data, CancellationToken cancellationToken = default);
}
