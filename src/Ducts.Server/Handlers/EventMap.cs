namespace Ducts.Handlers;

/// <summary>The events that are no handler classes: built-in ones, and functions mapped before the server starts.</summary>
/// <param name="builtIn">The built-in events.</param>
/// <param name="minId">The lowest id that users' events may have.</param>
internal sealed class EventMap(IEnumerable<MappedEvent> builtIn, int minId)
{
    private readonly List<MappedEvent> _events = [.. builtIn];
    private bool _isClosed;

    public IReadOnlyList<MappedEvent> All => _events;

    /// <summary>Adds a user's event.</summary>
    /// <exception cref="ArgumentException">Its id or key is taken, or cannot be one.</exception>
    /// <exception cref="InvalidOperationException">The server has started, so nobody would be told of it.</exception>
    public void Add(MappedEvent mapped)
    {
        var spec = mapped.Spec;
        if (_isClosed)
        {
            throw new InvalidOperationException($"Event {spec.Id} {spec.Key} is mapped too late. Map events before the server starts.");
        }

        if (EventRules.Refusal(spec.Id, spec.Key, minId) is { } refusal)
        {
            throw new ArgumentException($"Event {spec.Id} {spec.Key} cannot be mapped: {refusal}.", nameof(mapped));
        }

        if (_events.Find(other => EventRules.Clash(other.Spec, spec.Id, spec.Key)) is { } taken)
        {
            throw new ArgumentException($"Event {spec.Id} {spec.Key} is taken by {taken.Spec.Id} {taken.Spec.Key}.", nameof(mapped));
        }

        _events.Add(mapped);
    }

    /// <summary>Handlers are loaded from here on, and held to what has been mapped.</summary>
    public void Close() => _isClosed = true;
}
