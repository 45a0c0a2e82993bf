using System.Collections.Concurrent;
using Ducts.Redis;

namespace Ducts;

/// <summary>What handlers share: Redis, each other, the live sessions.</summary>
public interface IHandlerManager
{
    /// <summary>The server's Redis client.</summary>
    IRedisClient Redis { get; }

    /// <summary>The service container. Services of a scope come with requests and hooks, see <see cref="IEventSession.Services"/>.</summary>
    IServiceProvider Services { get; }

    /// <summary>Values shared by the whole process.</summary>
    ConcurrentDictionary<string, object?> ServerAttributes { get; }

    /// <summary>The event ids by key, in order of id.</summary>
    IReadOnlyDictionary<string, int> KeyIds { get; }

    /// <summary>The specs of all events, in order of id.</summary>
    IReadOnlyList<HandlerSpec> Specs { get; }

    /// <summary>The handlers, in order of id. All are constructed before the first <c>Setup</c> runs.</summary>
    IReadOnlyList<DuctsHandler> Handlers { get; }

    /// <summary>The live sessions.</summary>
    ISessionCollection Sessions { get; }

    /// <summary>The handler of a type.</summary>
    /// <typeparam name="T">The handler's class.</typeparam>
    /// <returns>The handler.</returns>
    /// <exception cref="KeyNotFoundException">No such handler is loaded.</exception>
    T GetHandler<T>()
        where T : DuctsHandler;

    /// <summary>The handler of an event key.</summary>
    /// <param name="key">The key, in upper case.</param>
    /// <returns>The handler.</returns>
    /// <exception cref="KeyNotFoundException">No such handler is loaded.</exception>
    DuctsHandler GetHandler(string key);

    /// <summary>The handler of an event id.</summary>
    /// <param name="id">The id.</param>
    /// <returns>The handler.</returns>
    /// <exception cref="KeyNotFoundException">No such handler is loaded.</exception>
    DuctsHandler GetHandler(int id);
}
