using System.Runtime.CompilerServices;
using System.Text.Json;
using Ducts.Handlers;
using Ducts.WebApis;

namespace Ducts.Discovery;

/// <summary>What discovery says of the events, written once for each set of handlers.</summary>
internal sealed class EventDocuments(HandlerRegistry registry)
{
    // Weak: nobody may ask again after a reload, and what was written last must not keep the handlers before it in memory.
    private readonly ConditionalWeakTable<HandlerSnapshot, Written> _written = [];

    /// <summary>Gets the documents of the handlers that answer now.</summary>
    public Written Current => _written.GetValue(registry.Current, static snapshot => new Written(snapshot));

    internal sealed class Written(HandlerSnapshot snapshot)
    {
        public HandlerSnapshot Snapshot { get; } = snapshot;

        /// <summary>Gets the list of all events.</summary>
        public ServedContent Specs { get; } = new(
            HttpAnswer.ToJson(snapshot.Specs.Select(static spec => new
            {
                id = spec.Id,
                key = spec.Key,
                callback = spec.Callback,
                responsive = spec.Responsive,
                description = spec.Description,
            })),
            HttpAnswer.Json);

        /// <summary>Gets the map from key to id, as discovery's <c>EVENT</c> has it and free of what a script could not hold.</summary>
        public byte[] Ids { get; } = HttpAnswer.ToScriptJson(snapshot, static (json, snapshot) =>
        {
            json.WriteStartObject();
            foreach (var spec in snapshot.Specs)
            {
                json.WriteNumber(spec.Key, spec.Id);
            }

            json.WriteEndObject();
        });
    }
}
