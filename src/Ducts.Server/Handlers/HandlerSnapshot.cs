using System.Collections.Frozen;

namespace Ducts.Handlers;

/// <summary>The handlers as they are at one moment. Immutable; a reload makes a new one.</summary>
internal sealed class HandlerSnapshot
{
    public static readonly HandlerSnapshot Empty = new([], []);

    public HandlerSnapshot(IReadOnlyList<HandlerSpec> specs, IReadOnlyList<DuctsHandler> handlers)
    {
        Specs = specs;
        Handlers = handlers;
        KeyIds = specs.ToFrozenDictionary(spec => spec.Key, spec => spec.Id);
    }

    /// <summary>All events, built-in ones too, by id.</summary>
    public IReadOnlyList<HandlerSpec> Specs { get; }

    /// <summary>The handlers by id; <see cref="Specs"/> is longer, for built-in and mapped events have none.</summary>
    public IReadOnlyList<DuctsHandler> Handlers { get; }

    /// <summary>What each handler was made from. One that is not here is known by its class's <see cref="EventAttribute"/>.</summary>
    public IReadOnlyDictionary<DuctsHandler, HandlerCandidate> Candidates { get; init; } = FrozenDictionary<DuctsHandler, HandlerCandidate>.Empty;

    /// <summary>Ids by key.</summary>
    public FrozenDictionary<string, int> KeyIds { get; }
}
