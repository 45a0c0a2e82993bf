using Ducts.Dispatch;

namespace Ducts.Handlers;

/// <summary>The events that are no handler classes: built-in ones, and functions mapped before the server starts.</summary>
/// <param name="builtIn">The built-in events.</param>
/// <param name="minId">The lowest id that users' events may have.</param>
/// <param name="decorations">Puts around the events what they ask for.</param>
/// <param name="serializer">How their values are converted.</param>
/// <param name="services">The application's services.</param>
internal sealed class EventMap(IEnumerable<MappedEvent> builtIn, int minId, EventDecorations decorations, WireSerializer serializer, IServiceProvider services)
{
    private readonly List<MappedEvent> _events = [.. builtIn];
    private readonly List<EventEntry> _entries = [];
    private bool _isClosed;

    public IReadOnlyList<MappedEvent> All => _events;

    /// <summary>Gets those of them that answer requests; none before the map is closed.</summary>
    public IReadOnlyList<EventEntry> Entries => _entries;

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

    /// <summary>Runs the conventions of the events. Handlers are loaded from here on, and held to what has been mapped.</summary>
    /// <exception cref="InvalidOperationException">An event asks for what the server cannot do.</exception>
    public async Task CloseAsync()
    {
        _isClosed = true;
        foreach (var mapped in _events)
        {
            var problems = new List<string>();
            var decorate = await decorations.ReadAsync(mapped.Describe(serializer, services, problems), problems);
            if (problems.Count > 0)
            {
                throw new InvalidOperationException($"Event {mapped.Spec.Id} {mapped.Spec.Key} cannot be mapped: {string.Join("; ", problems)}.");
            }

            if (mapped.Invoker is { } invoker)
            {
                _entries.Add(decorate(new EventEntry(mapped.Spec, invoker, mapped.Code)));
            }
        }
    }
}
