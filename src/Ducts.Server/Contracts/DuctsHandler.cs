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
    /// <param name="spec">What is known of the event. Set <see cref="HandlerSpec.IsEnabled"/> to false to keep the handler from being registered.</param>
    /// <param name="manager">The other handlers, Redis, the live sessions.</param>
    /// <returns>The spec.</returns>
    public virtual HandlerSpec Setup(HandlerSpec spec, IHandlerManager manager) => spec;

    /// <summary>Called once at load, as <see cref="Setup"/>, for work that waits. The default calls <see cref="Setup"/>.</summary>
    /// <param name="spec">What is known of the event. Set <see cref="HandlerSpec.IsEnabled"/> to false to keep the handler from being registered.</param>
    /// <param name="manager">The other handlers, Redis, the live sessions.</param>
    /// <param name="cancellationToken">Cancelled when the start is given up.</param>
    /// <returns>The spec.</returns>
    public virtual Task<HandlerSpec> SetupAsync(HandlerSpec spec, IHandlerManager manager, CancellationToken cancellationToken) =>
        Task.FromResult(Setup(spec, manager));

    /// <summary>
    /// Called once, in the background, after the server listens and Redis is connected. An exception is logged as an
    /// error and does not end the server.
    /// </summary>
    /// <param name="manager">The other handlers, Redis, the live sessions.</param>
    /// <param name="stopping">Cancelled when the server stops or the handler is replaced.</param>
    /// <returns>A task that ends with the work.</returns>
    public virtual Task RunAsync(IHandlerManager manager, CancellationToken stopping) => Task.CompletedTask;

    /// <summary>Called when a session's first socket is open. The session's first request is handled after this has ended.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancelled when the session closes.</param>
    /// <returns>A task that ends with the work.</returns>
    public virtual Task HandleConnectedAsync(IEventSession session, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called when a session has lost its socket and waits for a new one.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancelled when the session closes.</param>
    /// <returns>A task that ends with the work.</returns>
    public virtual Task HandleWaitReconnectAsync(IEventSession session, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called when a new socket has taken the session over.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancelled when the session closes.</param>
    /// <returns>A task that ends with the work.</returns>
    public virtual Task HandleReconnectedAsync(IEventSession session, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called when a session is over. One handler's exception keeps no other handler's hook from running.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Not cancelled: what has to be done at the end of a session is done.</param>
    /// <returns>A task that ends with the work.</returns>
    public virtual Task HandleClosedAsync(IEventSession session, CancellationToken cancellationToken) => Task.CompletedTask;
}
