using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using Ducts.MessagePack;
using Ducts.Protocol;
using Ducts.Redis;

namespace Ducts.Sessions;

/// <summary>A session as one request, or one hook, sees it.</summary>
/// <param name="session">The session.</param>
/// <param name="requestId">The request's id; empty for none.</param>
/// <param name="timestamp">When the request came, or the session opened.</param>
/// <param name="services">The services of the request or hook; null where nothing ends with which they could be disposed.</param>
/// <param name="user">Who the user was when the request came; null for who it is when asked.</param>
internal sealed class SessionView(
    Session session,
    ReadOnlyMemory<byte> requestId,
    DateTimeOffset timestamp,
    IServiceProvider? services,
    SessionUser? user = null) : IEventSession
{
    private Dictionary<string, object?>? _localProperties;

    public Session Session => session;

    public MessagePackElement RequestId => requestId.IsEmpty ? default : new MessagePackElement(requestId);

    public string SessionId => session.SessionId;

    public IRedisClient Redis => session.Context.Redis.Client;

    public IServiceProvider Services => services
        ?? throw new InvalidOperationException("This session belongs to no request and no hook. Create a scope of your own with IServiceScopeFactory.");

    public IReadOnlyDictionary<string, string> Query => session.Ticket.Query;

    public IPAddress? RemoteIpAddress => session.RemoteIpAddress;

    public ClaimsPrincipal User => (user ?? session.User).Principal;

    public DateTimeOffset Timestamp => timestamp;

    public IDictionary<string, object?> LocalProperties => _localProperties ??= [];

    public ConcurrentDictionary<string, object?> Attributes => session.Attributes;

    public ConcurrentDictionary<string, object?> ServerAttributes => session.Context.Attributes;

    public ISessionGroups Groups => session.Groups;

    public bool IsClosed => session.IsClosed;

    public long Epoch => session.Holding?.Epoch ?? 0;

    public CancellationToken Closed => session.Closed;

    public Task CloseAsync(string reason = "", CancellationToken cancellationToken = default)
    {
        SessionEnd.CheckReason(reason);
        return session.Registry?.EndNowAsync(session, new SessionEnd(CloseCode.Ended, reason), cancellationToken) ?? Task.CompletedTask;
    }

    public ValueTask PushAsync(string key, object? data, CancellationToken cancellationToken = default) =>
        PushAsync(session.Context.Pushes.IdOf(key), data, cancellationToken);

    public ValueTask PushAsync(int id, object? data, CancellationToken cancellationToken = default) => session.Pushes.SendAsync(id, data, cancellationToken);
}
