namespace Ducts;

/// <summary>
/// The base of a handler: one class, one event, one instance for as long as the handler is loaded.
/// A derived class has exactly one public method <c>Handle</c> or <c>HandleAsync</c>, which answers requests;
/// constructor parameters come from the service container. The members here are hooks, each of which does nothing
/// unless overridden.
/// </summary>
/// <remarks>
/// A handler that implements <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/> is disposed when the server
/// stops or the handler is replaced.
/// </remarks>
public abstract class DuctsHandler
{
    /// <summary>Called once at load, before the server listens.</summary>
    /// <param name="spec">What is known of the event; may be changed.</param>
    /// <param name="manager">The other handlers, Redis, the live sessions.</param>
    /// <returns>The spec, or null to keep the handler from being registered.</returns>
    public virtual HandlerSpec? Setup(HandlerSpec spec, IHandlerManager manager) => spec;

    /// <summary>As <see cref="Setup"/>, for work that waits. The default calls <see cref="Setup"/>.</summary>
    /// <param name="spec">What is known of the event; may be changed.</param>
    /// <param name="manager">The other handlers, Redis, the live sessions.</param>
    /// <param name="cancellationToken">Cancelled when the start is given up.</param>
    /// <returns>The spec, or null to keep the handler from being registered.</returns>
    public virtual Task<HandlerSpec?> SetupAsync(HandlerSpec spec, IHandlerManager manager, CancellationToken cancellationToken) =>
        Task.FromResult(Setup(spec, manager));

    /// <summary>
    /// Called once, in the background, after the server listens and Redis is connected. An exception is logged as an
    /// error and does not end the server.
    /// </summary>
    /// <param name="manager">The other handlers, Redis, the live sessions.</param>
    /// <param name="stopping">Cancelled when the server stops or the handler is replaced.</param>
    public virtual Task RunAsync(IHandlerManager manager, CancellationToken stopping) => Task.CompletedTask;

    /// <summary>A session's first socket is open; its first request is handled after this has ended.</summary>
    /// <param name="session">The session.</param>
    public virtual Task HandleConnectedAsync(IEventSession session) => Task.CompletedTask;

    /// <summary>The socket is lost; the session waits for a new one.</summary>
    /// <param name="session">The session.</param>
    public virtual Task HandleWaitReconnectAsync(IEventSession session) => Task.CompletedTask;

    /// <summary>A new socket has taken over.</summary>
    /// <param name="session">The session.</param>
    public virtual Task HandleReconnectedAsync(IEventSession session) => Task.CompletedTask;

    /// <summary>The session is over. One handler's exception keeps no other handler's hook from running.</summary>
    /// <param name="session">The session.</param>
    public virtual Task HandleClosedAsync(IEventSession session) => Task.CompletedTask;
}
