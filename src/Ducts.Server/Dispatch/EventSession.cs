using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using Ducts.MessagePack;
using Ducts.Redis;
using Ducts.Sessions;

namespace Ducts.Dispatch;

/// <summary>A session as one request, or one hook, sees it.</summary>
internal sealed class EventSession(Session session, ReadOnlyMemory<byte> requestId, DateTimeOffset timestamp) : IEventSession
{
    private Dictionary<string, object?>? _localProperties;

    public Session Session => session;

    public MessagePackElement RequestId => requestId.IsEmpty ? default : new MessagePackElement(requestId);

    public string SessionId => session.SessionId;

    public IRedisClient Redis => session.Services.Redis;

    public IReadOnlyDictionary<string, string> Query => session.Ticket.Query;

    public IPAddress? RemoteIpAddress => session.RemoteIpAddress;

    public ClaimsPrincipal User => session.User;

    public DateTimeOffset Timestamp => timestamp;

    public IDictionary<string, object?> LocalProperties => _localProperties ??= [];

    public ConcurrentDictionary<string, object?> Attributes => session.Attributes;

    public ConcurrentDictionary<string, object?> ServerAttributes => session.Services.ServerAttributes;

    public bool IsClosed => session.IsClosed;

    public CancellationToken Closed => session.Closed;

    public ValueTask PushAsync(string key, object? data) => PushAsync(session.Services.EventId(key), data);

    public ValueTask PushAsync(int id, object? data) => session.PushAsync(id, data);
}
