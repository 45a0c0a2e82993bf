namespace Ducts;

/// <summary>
/// Runs code around the handlers of events, for logging, validation, auditing or transactions. Add a filter for all events by
/// <c>AddDucts().AddFilter&lt;T&gt;()</c>, or for one by <see cref="EventFilterAttribute{TFilter}"/> or an attribute of your own
/// that implements this interface.
/// </summary>
/// <remarks>Filters run for the application's events, not for built-in ones, and after the user has been authorized.</remarks>
public interface IEventFilter
{
    /// <summary>Runs the filter for one request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">
    /// Runs the next filter, or the handler, and returns its result; may be called once. Arguments that do not fit are an
    /// <see cref="EventException"/> that it throws. A filter that does not call it answers in the place of the handler.
    /// </param>
    /// <returns>
    /// The result that the client receives: what <paramref name="next"/> returned, or another value in its place. The result of
    /// a handler that streams is an <see cref="IAsyncEnumerable{T}"/>, whose items are produced after the filters have returned.
    /// </returns>
    ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next);
}

/// <summary>Runs what follows an event filter: the next filter or the handler.</summary>
/// <param name="context">The context that the filter received.</param>
/// <returns>The result: a value, null, or the <see cref="IAsyncEnumerable{T}"/> of a stream.</returns>
/// <exception cref="InvalidOperationException">The filter has called it before.</exception>
public delegate ValueTask<object?> EventFilterDelegate(EventContext context);
