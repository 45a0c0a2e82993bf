using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Ducts.Handlers;
using Ducts.Identity;
using Ducts.Sessions;
using Ducts.WebApis;
using Microsoft.AspNetCore.Http;

namespace Ducts.Discovery;

/// <summary>What discovery says of the events, written once for each set of handlers and of rights.</summary>
internal sealed class EventDocuments(HandlerRegistry registry)
{
    // Weak: nobody may ask again after a reload, and what was written last must not keep the handlers before it in memory.
    private readonly ConditionalWeakTable<HandlerSnapshot, OfSnapshot> _written = [];

    /// <summary>Returns the documents of the handlers that answer now, with the events that a user may call.</summary>
    /// <param name="context">The HTTP request, whose services are opened only where rights have to be looked up.</param>
    /// <param name="user">Who asks.</param>
    public ValueTask<Written> ForAsync(HttpContext context, SessionUser user) =>
        _written.GetValue(registry.Current, static snapshot => new OfSnapshot(snapshot)).ForAsync(context, user);

    private sealed class OfSnapshot(HandlerSnapshot snapshot)
    {
        // An application has about as many sets of rights as roles; beyond that, documents are written anew.
        private const int MaxKept = 32;

        private readonly EventRights _rights = new(snapshot);
        private readonly Lazy<Written> _all = new(() => new Written(snapshot.Specs, isPrivate: false));
        private readonly ConcurrentDictionary<string, Written> _byRefusals = new(StringComparer.Ordinal);

        public ValueTask<Written> ForAsync(HttpContext context, SessionUser user) =>
            _rights.AreSameForAll ? ValueTask.FromResult(_all.Value) : FindAsync(context.RequestServices, user);

        private async ValueTask<Written> FindAsync(IServiceProvider services, SessionUser user)
        {
            var refused = await _rights.FindRefusedAsync(services, user);
            var key = string.Join(',', refused.Select(static decision => decision.ToString(CultureInfo.InvariantCulture)));
            if (_byRefusals.TryGetValue(key, out var known))
            {
                return known;
            }

            var written = new Written([.. snapshot.Specs.Where(spec => _rights.MayCall(spec.Id, refused))], isPrivate: true);
            return _byRefusals.Count < MaxKept ? _byRefusals.GetOrAdd(key, written) : written;
        }
    }

    /// <summary>What some user is told.</summary>
    /// <param name="specs">The events.</param>
    /// <param name="isPrivate">Whether other users are told other things.</param>
    internal sealed class Written(IReadOnlyList<HandlerSpec> specs, bool isPrivate)
    {
        /// <summary>Gets the events that it is about.</summary>
        public IReadOnlyList<HandlerSpec> Events => specs;

        /// <summary>Gets whether other users are told other things.</summary>
        public bool IsPrivate => isPrivate;

        /// <summary>Gets the list of all events.</summary>
        public ServedContent Specs { get; } = new(
            HttpAnswer.ToJson(specs.Select(static spec => new
            {
                id = spec.Id,
                key = spec.Key,
                callback = spec.Callback,
                responsive = spec.Responsive,
                description = spec.Description,
            })),
            HttpAnswer.Json)
        {
            IsPrivate = isPrivate,
        };

        /// <summary>Gets the map from key to id, as discovery's <c>EVENT</c> has it and free of what a script could not hold.</summary>
        public byte[] Ids { get; } = HttpAnswer.ToScriptJson(specs, static (json, specs) =>
        {
            json.WriteStartObject();
            foreach (var spec in specs)
            {
                json.WriteNumber(spec.Key, spec.Id);
            }

            json.WriteEndObject();
        });
    }
}
