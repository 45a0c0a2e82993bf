using System.Collections.Concurrent;
using Ducts.Redis;

namespace Ducts;

/// <summary>Gives handlers access to Redis, to each other and to the live sessions.</summary>
public interface IHandlerManager
{
    /// <summary>Gets the server's Redis client.</summary>
    IRedisClient Redis { get; }

    /// <summary>Gets the application's services. For scoped services, use <see cref="IEventSession.Services"/> in requests and hooks.</summary>
    IServiceProvider Services { get; }

    /// <summary>Gets the values that all handlers and sessions of the server share.</summary>
    ConcurrentDictionary<string, object?> ServerAttributes { get; }

    /// <summary>Gets the event ids by key, in order of id.</summary>
    IReadOnlyDictionary<string, int> KeyIds { get; }

    /// <summary>Gets the specs of all events, in order of id.</summary>
    IReadOnlyList<HandlerSpec> Specs { get; }

    /// <summary>Gets the handlers, in order of id. All are constructed before the first <c>Setup</c> runs.</summary>
    IReadOnlyList<DuctsHandler> Handlers { get; }

    /// <summary>Gets the live sessions.</summary>
    ISessionCollection Sessions { get; }

    /// <summary>Gets the signed-in users and their sessions.</summary>
    IUserCollection Users { get; }

    /// <summary>Gets the groups of sessions.</summary>
    IGroupCollection Groups { get; }

    /// <summary>Returns the handler of a class.</summary>
    /// <typeparam name="T">The handler's class.</typeparam>
    /// <returns>The handler.</returns>
    /// <exception cref="KeyNotFoundException">No such handler is loaded.</exception>
    T GetHandler<T>()
        where T : DuctsHandler;

    /// <summary>Returns the handler of an event key.</summary>
    /// <param name="key">The key, in upper case.</param>
    /// <returns>The handler.</returns>
    /// <exception cref="KeyNotFoundException">No such handler is loaded.</exception>
    DuctsHandler GetHandler(string key);

    /// <summary>Returns the handler of an event id.</summary>
    /// <param name="id">The id.</param>
    /// <returns>The handler.</returns>
    /// <exception cref="KeyNotFoundException">No such handler is loaded.</exception>
    DuctsHandler GetHandler(int id);
}
