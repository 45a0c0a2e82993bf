using System.Collections.Concurrent;
using Ducts.Redis;

namespace Ducts.Handlers;

/// <summary>Holds what all handlers of a server share, before and after a reload.</summary>
internal sealed record HandlerEnvironment(
    IRedisSource Redis,
    IServiceProvider Services,
    ServerAttributes Attributes,
    ISessionCollection Sessions,
    IUserCollection Users,
    IGroupCollection Groups);

/// <summary>
/// What handlers see of each other and of the server. Each load has one of its own: handlers that are set up see each other
/// before anybody calls them, and handlers that have been replaced go on seeing what they were loaded with.
/// </summary>
internal sealed class HandlerManager(HandlerEnvironment environment, HandlerSnapshot snapshot) : IHandlerManager
{
    private volatile HandlerSnapshot _snapshot = snapshot;

    public IRedisClient Redis => environment.Redis.Client;

    public IServiceProvider Services => environment.Services;

    public ConcurrentDictionary<string, object?> ServerAttributes => environment.Attributes;

    public IReadOnlyDictionary<string, int> KeyIds => _snapshot.KeyIds;

    public IReadOnlyList<HandlerSpec> Specs => _snapshot.Specs;

    public IReadOnlyList<DuctsHandler> Handlers => _snapshot.Handlers;

    public ISessionCollection Sessions => environment.Sessions;

    public IUserCollection Users => environment.Users;

    public IGroupCollection Groups => environment.Groups;

    public void Update(HandlerSnapshot snapshot) => _snapshot = snapshot;

    public T GetHandler<T>()
        where T : DuctsHandler
    {
        foreach (var handler in Handlers)
        {
            if (handler is T found)
            {
                return found;
            }
        }

        throw new KeyNotFoundException($"No handler of type {typeof(T)} is loaded.");
    }

    public DuctsHandler GetHandler(string key) => KeyIds.TryGetValue(key, out var id)
        ? GetHandler(id)
        : throw new KeyNotFoundException($"There is no event '{key}'.");

    public DuctsHandler GetHandler(int id)
    {
        foreach (var (handler, candidate) in _snapshot.Candidates)
        {
            if (candidate.Id == id)
            {
                return handler;
            }
        }

        throw new KeyNotFoundException($"Event {id} has no handler.");
    }
}
