namespace Ducts;

/// <summary>What is known of an event: what <c>events.json</c> lists and a handler's <c>Setup</c> may change.</summary>
public sealed class HandlerSpec
{
    /// <summary>Makes the spec of an event.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="key">The event's key.</param>
    public HandlerSpec(int id, string key)
    {
        Id = id;
        Key = key;
    }

    /// <summary>The event's id; users' events start at 1000.</summary>
    public int Id { get; }

    /// <summary>The event's key, in upper case.</summary>
    public string Key { get; }

    /// <summary>Whether a request is answered by a stream.</summary>
    public bool Callback { get; set; }

    /// <summary>Whether clients may expect an answer within a user's patience; see <see cref="SetAsResponsive"/>.</summary>
    public bool Responsive { get; private set; }

    /// <summary>
    /// Gets or sets whether the handler is registered. Default true. A handler's <c>Setup</c> sets it to false to be left
    /// out, for example where what it needs is not configured.
    /// </summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>What the event does, for people.</summary>
    public string Description { get; set; } = "";

    /// <summary>The request's arguments, for documentation; empty when the handler takes none.</summary>
    public IReadOnlyList<HandlerArgument> Arguments { get; init; } = [];

    /// <summary>The type of the reply, or of one item of the stream; null when the reply is always null.</summary>
    public Type? ResultType { get; init; }

    /// <summary>Marks the event as one that answers at once.</summary>
    /// <returns>This spec.</returns>
    public HandlerSpec SetAsResponsive()
    {
        Responsive = true;
        return this;
    }
}
