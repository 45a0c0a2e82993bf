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

    /// <summary>The documents of the handlers that answer now.</summary>
    public Written Current => _written.GetValue(registry.Current, static snapshot => new Written(snapshot));

    /// <summary>Writes one event as <c>events.json</c> lists it.</summary>
    public static void WriteSpec(Utf8JsonWriter json, HandlerSpec spec)
    {
        json.WriteNumber("id", spec.Id);
        json.WriteString("key", spec.Key);
        json.WriteBoolean("callback", spec.Callback);
        json.WriteBoolean("responsive", spec.Responsive);
        json.WriteString("description", spec.Description);
    }

    internal sealed class Written(HandlerSnapshot snapshot)
    {
        public HandlerSnapshot Snapshot { get; } = snapshot;

        /// <summary>The list of all events.</summary>
        public ServedContent Specs { get; } = new(
            HttpAnswer.ToJson(snapshot, static (json, snapshot) =>
            {
                json.WriteStartArray();
                foreach (var spec in snapshot.Specs)
                {
                    json.WriteStartObject();
                    WriteSpec(json, spec);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }),
            HttpAnswer.Json);

        /// <summary>The map from key to id, as discovery's <c>EVENT</c> has it and free of what a script could not hold.</summary>
        public byte[] Ids { get; } = HttpAnswer.ToScriptJson(snapshot, static (json, snapshot) =>
        {
            json.WriteStartObject();
            foreach (var spec in snapshot.Specs)
                json.WriteNumber(spec.Key, spec.Id);
            json.WriteEndObject();
        });
    }
}
