using System.Collections.Frozen;

namespace Ducts.Dispatch;

/// <summary>The events that are answered now. A reload replaces both tables as one.</summary>
internal interface IEventTable
{
    /// <summary>Gets the events by id.</summary>
    FrozenDictionary<int, EventEntry> Events { get; }

    /// <summary>Gets the ids of all events by key, of those too that are no requests.</summary>
    FrozenDictionary<string, int> KeyIds { get; }
}
