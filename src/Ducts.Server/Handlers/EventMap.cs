namespace Ducts.Handlers;

/// <summary>The events that are no handler classes: built-in ones, and functions mapped before the server starts.</summary>
internal sealed class EventMap(BuiltIn.BuiltInEvents builtIn)
{
    private readonly List<MappedEvent> _events = [.. builtIn.All];

    public IReadOnlyList<MappedEvent> All => _events;

    /// <summary>Adds an event.</summary>
    /// <exception cref="ArgumentException">Its id or key is taken.</exception>
    public void Add(MappedEvent mapped)
    {
        foreach (var other in _events)
        {
            if (other.Spec.Id == mapped.Spec.Id || other.Spec.Key == mapped.Spec.Key)
                throw new ArgumentException($"Event {mapped.Spec.Id} {mapped.Spec.Key} is taken by {other.Spec.Id} {other.Spec.Key}.", nameof(mapped));
        }

        _events.Add(mapped);
    }
}
