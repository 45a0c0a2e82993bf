using Microsoft.AspNetCore.Builder;

namespace Ducts;

/// <summary>
/// Configures an event that <c>MapEvent</c> has mapped, by the conventions that endpoints have: <c>RequireAuthorization</c>,
/// <c>AllowAnonymous</c>, <c>WithDescription</c>, <c>WithMetadata</c>. The server does not start if a convention has no effect on
/// events, such as <c>RequireCors</c> or <c>RequireHost</c>.
/// </summary>
public sealed class DuctsEventConventionBuilder : IEndpointConventionBuilder
{
    private readonly List<Action<EndpointBuilder>> _conventions = [];
    private readonly List<Action<EndpointBuilder>> _finally = [];
    private bool _isClosed;

    internal DuctsEventConventionBuilder(HandlerSpec spec) => Spec = spec;

    /// <summary>Gets the spec of the event, whose description can be set.</summary>
    public HandlerSpec Spec { get; }

    /// <summary>Adds a convention, which runs when the server starts.</summary>
    /// <param name="convention">The convention; it gets a builder whose metadata is that of the event.</param>
    /// <exception cref="InvalidOperationException">The server has started already.</exception>
    public void Add(Action<EndpointBuilder> convention)
    {
        ArgumentNullException.ThrowIfNull(convention);
        ThrowIfClosed();
        _conventions.Add(convention);
    }

    /// <summary>Adds a convention that runs after all others.</summary>
    /// <param name="finallyConvention">The convention; it gets a builder whose metadata is that of the event.</param>
    /// <exception cref="InvalidOperationException">The server has started already.</exception>
    public void Finally(Action<EndpointBuilder> finallyConvention)
    {
        ArgumentNullException.ThrowIfNull(finallyConvention);
        ThrowIfClosed();
        _finally.Add(finallyConvention);
    }

    /// <summary>Adds a filter that runs around this event only.</summary>
    /// <typeparam name="TFilter">
    /// The filter's class. It comes from the request's services if it is one of them; otherwise the server creates one for each request,
    /// and disposes it when the request has been answered.
    /// </typeparam>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The server has started already.</exception>
    public DuctsEventConventionBuilder AddFilter<TFilter>()
        where TFilter : IEventFilter
    {
        Add(static builder => builder.Metadata.Add(new EventFilterAttribute<TFilter>()));
        return this;
    }

    /// <summary>Runs the conventions; none can be added from here on.</summary>
    internal void Apply(EndpointBuilder builder)
    {
        _isClosed = true;
        foreach (var convention in _conventions.Concat(_finally))
        {
            convention(builder);
        }
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw new InvalidOperationException($"Event {Spec.Id} {Spec.Key} is configured too late. Configure events before the server starts.");
        }
    }
}
