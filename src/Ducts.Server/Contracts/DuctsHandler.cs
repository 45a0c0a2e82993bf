namespace Ducts;

/// <summary>
/// Provides the base class of a handler. A handler answers one event; one instance exists while the handler is loaded.
/// A derived class has exactly one public method <c>Handle</c> or <c>HandleAsync</c>, which answers requests. Its
/// constructor parameters come from the service container. The members of this class are hooks, each of which does nothing
/// unless overridden.
/// </summary>
/// <remarks>
/// The server disposes a handler that implements <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/> when it
/// stops or the handler is replaced.
/// </remarks>
public abstract class DuctsHandler
{
    /// <summary>Configures the handler. The server calls this once when it loads the handler, at start before it listens.</summary>
    /// <param name="spec">The event's spec. Set <see cref="HandlerSpec.IsEnabled"/> to false to keep the handler from being registered.</param>
    /// <param name="manager">Gives access to the other handlers, Redis and the live sessions.</param>
    /// <returns>The spec.</returns>
    public virtual HandlerSpec Setup(HandlerSpec spec, IHandlerManager manager) => spec;

    /// <summary>Configures the handler asynchronously. The server calls this once when it loads the handler; the default implementation calls <see cref="Setup"/>.</summary>
    /// <param name="spec">The event's spec. Set <see cref="HandlerSpec.IsEnabled"/> to false to keep the handler from being registered.</param>
    /// <param name="manager">Gives access to the other handlers, Redis and the live sessions.</param>
    /// <param name="cancellationToken">Cancelled when the start is aborted or <see cref="DuctsWebSocketOptions.HookTimeout"/> is over.</param>
    /// <returns>The spec.</returns>
    public virtual Task<HandlerSpec> SetupAsync(HandlerSpec spec, IHandlerManager manager, CancellationToken cancellationToken) =>
        Task.FromResult(Setup(spec, manager));

    /// <summary>
    /// Runs background work. The server calls this once, after it listens and is connected to Redis. It logs an exception as an
    /// error and keeps running.
    /// </summary>
    /// <param name="manager">Gives access to the other handlers, Redis and the live sessions.</param>
    /// <param name="stopping">Cancelled when the server stops or the handler is replaced.</param>
    /// <returns>A task that completes when the work is done.</returns>
    public virtual Task RunAsync(IHandlerManager manager, CancellationToken stopping) => Task.CompletedTask;

    /// <summary>
    /// Handles the opening of a session. The server accepts the session's first connection after this has completed. An exception
    /// refuses the session: its client gets HTTP status 403 and <see cref="HandleClosedAsync"/> runs. The log has an
    /// <see cref="EventException"/> as a line of information, any other exception as an error.
    /// </summary>
    /// <remarks>
    /// If the hook pushes more than <see cref="DuctsWebSocketOptions.OutboxLimit"/> to the session, the server accepts the connection
    /// before the hook completes, and closes it with code 1008 if the hook fails. Taking longer than
    /// <see cref="DuctsWebSocketOptions.HookTimeout"/> counts as failing.
    /// </remarks>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancelled when the session closes or the hook has taken too long.</param>
    /// <returns>A task that completes when the work is done.</returns>
    public virtual Task HandleConnectedAsync(IEventSession session, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Handles the loss of a session's connection; the session now waits for a new one.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancelled when the session closes or the hook has taken longer than <see cref="DuctsWebSocketOptions.HookTimeout"/>.</param>
    /// <returns>A task that completes when the work is done.</returns>
    public virtual Task HandleWaitReconnectAsync(IEventSession session, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Handles the reconnect of a session: a new connection now carries it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancelled when the session closes or the hook has taken longer than <see cref="DuctsWebSocketOptions.HookTimeout"/>.</param>
    /// <returns>A task that completes when the work is done.</returns>
    public virtual Task HandleReconnectedAsync(IEventSession session, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Handles the end of a session. An exception is logged and does not prevent the hooks of other handlers from running.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">
    /// Cancelled when the hook has taken longer than <see cref="DuctsWebSocketOptions.HookTimeout"/>, or when the server stops and has no time
    /// left; not by the end of the session, so that cleanup can complete.
    /// </param>
    /// <returns>A task that completes when the work is done.</returns>
    public virtual Task HandleClosedAsync(IEventSession session, CancellationToken cancellationToken) => Task.CompletedTask;
}
