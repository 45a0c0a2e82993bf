using System.Collections.Frozen;
using Ducts.Dispatch;

namespace Ducts.Handlers;

/// <summary>The handlers as they are at one moment. Immutable; a reload makes a new one.</summary>
internal sealed class HandlerSnapshot
{
    public static readonly HandlerSnapshot Empty = new([], []);

    /// <summary>Makes a snapshot.</summary>
    /// <param name="specs">All events, built-in ones too, by id.</param>
    /// <param name="handlers">The handlers by id.</param>
    /// <param name="events">What the dispatcher calls.</param>
    public HandlerSnapshot(
        IReadOnlyList<HandlerSpec> specs,
        IReadOnlyList<DuctsHandler> handlers,
        IReadOnlyList<EventEntry>? events = null)
    {
        Specs = specs;
        Handlers = handlers;
        KeyIds = specs.ToFrozenDictionary(spec => spec.Key, spec => spec.Id);
        Events = (events ?? []).ToFrozenDictionary(entry => entry.Spec.Id);
        Hooks = new HandlerHooks(handlers);
    }

    /// <summary>All events, built-in ones too, by id.</summary>
    public IReadOnlyList<HandlerSpec> Specs { get; }

    /// <summary>The handlers by id; <see cref="Specs"/> is longer, for built-in and mapped events have none.</summary>
    public IReadOnlyList<DuctsHandler> Handlers { get; }

    /// <summary>What each handler was made from: its id, key and source. One without is known by its class's <see cref="EventAttribute"/>.</summary>
    public IReadOnlyDictionary<DuctsHandler, HandlerCandidate> Candidates { get; init; } = FrozenDictionary<DuctsHandler, HandlerCandidate>.Empty;

    /// <summary>The load that each handler belongs to.</summary>
    public IReadOnlyDictionary<DuctsHandler, HandlerGeneration> Generations { get; init; } = FrozenDictionary<DuctsHandler, HandlerGeneration>.Empty;

    /// <summary>Ids by key.</summary>
    public FrozenDictionary<string, int> KeyIds { get; }

    /// <summary>Gets the events that the dispatcher calls, by id.</summary>
    public FrozenDictionary<int, EventEntry> Events { get; }

    public HandlerHooks Hooks { get; }
}
