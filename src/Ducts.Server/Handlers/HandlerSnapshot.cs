using System.Collections.Frozen;
using Ducts.Dispatch;

namespace Ducts.Handlers;

/// <summary>The handlers as they are at one moment. Immutable; a reload makes a new one.</summary>
internal sealed class HandlerSnapshot
{
    public static readonly HandlerSnapshot Empty = new([], []);

    public HandlerSnapshot(IReadOnlyList<HandlerSpec> specs, IReadOnlyList<DuctsHandler> handlers, IReadOnlyList<EventEntry>? events = null)
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

    /// <summary>Ids by key.</summary>
    public FrozenDictionary<string, int> KeyIds { get; }

    /// <summary>What the dispatcher calls, by id.</summary>
    public FrozenDictionary<int, EventEntry> Events { get; }

    public HandlerHooks Hooks { get; }
}
