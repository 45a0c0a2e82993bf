using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using Ducts.MessagePack;
using Ducts.Redis;

namespace Ducts;

/// <summary>A session as one request, or one hook, sees it.</summary>
public interface IEventSession
{
    /// <summary>The request's id as it is on the wire; nil in hooks and in <see cref="ISessionCollection"/>.</summary>
    MessagePackElement RequestId { get; }

    /// <summary>The session's id: <c>SS.</c> and the base64 of its stream id.</summary>
    string SessionId { get; }

    /// <summary>The server's Redis client.</summary>
    IRedisClient Redis { get; }

    /// <summary>
    /// The services of this request or hook. They are created when the first one is asked for, and disposed when the request,
    /// its stream, or the hook ends.
    /// </summary>
    /// <exception cref="InvalidOperationException">The session comes from <see cref="ISessionCollection"/>, where nothing ends.</exception>
    IServiceProvider Services { get; }

    /// <summary>The query parameters of the service discovery call.</summary>
    IReadOnlyDictionary<string, string> Query { get; }

    /// <summary>The client's address; behind a trusted proxy, the one it names.</summary>
    IPAddress? RemoteIpAddress { get; }

    /// <summary>The user that ASP.NET Core's authentication found when the socket was opened.</summary>
    ClaimsPrincipal User { get; }

    /// <summary>When the request arrived; in hooks, when the session opened.</summary>
    DateTimeOffset Timestamp { get; }

    /// <summary>Values of this request.</summary>
    IDictionary<string, object?> LocalProperties { get; }

    /// <summary>Values shared by all requests of the session.</summary>
    ConcurrentDictionary<string, object?> Attributes { get; }

    /// <summary>Values shared by the whole process.</summary>
    ConcurrentDictionary<string, object?> ServerAttributes { get; }

    /// <summary>True only when there is neither a socket nor a wait for one.</summary>
    bool IsClosed { get; }

    /// <summary>Cancelled when the session closes.</summary>
    CancellationToken Closed { get; }

    /// <summary>Sends a message without a request to this session.</summary>
    /// <param name="key">The event's key.</param>
    /// <param name="data">What to send.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends once the message is queued; it waits while the session's outbox is full.</returns>
    /// <exception cref="KeyNotFoundException">No event has that key.</exception>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    /// <exception cref="OperationCanceledException">The session has closed, or the token was cancelled.</exception>
    ValueTask PushAsync(string key, object? data, CancellationToken cancellationToken = default);

    /// <summary>Sends a message without a request to this session.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="data">What to send.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends once the message is queued; it waits while the session's outbox is full.</returns>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    /// <exception cref="OperationCanceledException">The session has closed, or the token was cancelled.</exception>
    ValueTask PushAsync(int id, object? data, CancellationToken cancellationToken = default);
}
