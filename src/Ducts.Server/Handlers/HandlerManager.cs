using System.Collections.Concurrent;
using Ducts.Hosting;
using Ducts.Redis;
using Ducts.Sessions;

namespace Ducts.Handlers;

/// <summary>
/// What handlers share. Each load has one of its own: handlers that are set up see each other before anybody calls them,
/// and handlers that have been replaced go on seeing what they were loaded with.
/// </summary>
internal sealed class HandlerManager(ServerContext server, SessionRegistry sessions, HandlerSnapshot snapshot) : IHandlerManager
{
    private volatile HandlerSnapshot _snapshot = snapshot;

    public IRedisClient Redis => server.Redis;

    public IServiceProvider Services => server.Provider;

    public ConcurrentDictionary<string, object?> ServerAttributes => server.ServerAttributes;

    public IReadOnlyDictionary<string, int> KeyIds => _snapshot.KeyIds;

    public IReadOnlyList<HandlerSpec> Specs => _snapshot.Specs;

    public IReadOnlyList<DuctsHandler> Handlers => _snapshot.Handlers;

    public ISessionCollection Sessions => sessions;

    public void Update(HandlerSnapshot snapshot) => _snapshot = snapshot;

    public T GetHandler<T>()
        where T : DuctsHandler
    {
        foreach (var handler in Handlers)
        {
            if (handler is T found)
                return found;
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
                return handler;
        }

        throw new KeyNotFoundException($"Event {id} has no handler.");
    }
}
