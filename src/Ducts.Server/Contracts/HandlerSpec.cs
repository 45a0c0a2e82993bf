namespace Ducts;

/// <summary>Describes an event: what <c>events.json</c> lists and what a handler's <c>Setup</c> may change.</summary>
public sealed class HandlerSpec
{
    /// <summary>Creates the spec of an event.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="key">The event's key.</param>
    public HandlerSpec(int id, string key)
    {
        Id = id;
        Key = key;
    }

    /// <summary>Gets the event's id. Ids of an application's events start at 1000.</summary>
    public int Id { get; }

    /// <summary>Gets the event's key, in upper case.</summary>
    public string Key { get; }

    /// <summary>Gets or sets whether the reply to a request is a stream.</summary>
    public bool Callback { get; set; }

    /// <summary>Gets whether the event is marked as one that replies at once; see <see cref="SetAsResponsive"/>.</summary>
    public bool Responsive { get; private set; }

    /// <summary>
    /// Gets or sets whether the handler is registered. Default: true. A handler's <c>Setup</c> sets it to false to be left
    /// out, for example where a service that it needs is not configured.
    /// </summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Gets or sets a description of the event for people to read. Default: empty.</summary>
    public string Description { get; set; } = "";

    /// <summary>Gets the request's arguments, for documentation; empty if the handler takes none.</summary>
    public IReadOnlyList<HandlerArgument> Arguments { get; init; } = [];

    /// <summary>Gets the type of the reply, or of one item of the stream; null if the reply is always null.</summary>
    public Type? ResultType { get; init; }

    /// <summary>Marks the event as one that replies at once.</summary>
    /// <returns>This spec.</returns>
    public HandlerSpec SetAsResponsive()
    {
        Responsive = true;
        return this;
    }
}
