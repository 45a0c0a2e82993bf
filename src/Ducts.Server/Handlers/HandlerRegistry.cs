using System.Collections.Frozen;
using Ducts.Dispatch;
using Microsoft.Extensions.Primitives;

namespace Ducts.Handlers;

/// <summary>Holds the handlers that answer now; a reload swaps them as one.</summary>
internal sealed class HandlerRegistry : IEventTable, IDisposable
{
    private volatile HandlerSnapshot _current = HandlerSnapshot.Empty;
    private CancellationTokenSource _changed = new();

    /// <summary>The handlers that answer new requests.</summary>
    public HandlerSnapshot Current => _current;

    public FrozenDictionary<int, EventEntry> Events => _current.Events;

    public FrozenDictionary<string, int> KeyIds => _current.KeyIds;

    /// <summary>A token that fires once, at the next swap.</summary>
    public IChangeToken Watch() => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    public void Swap(HandlerSnapshot snapshot)
    {
        _current = snapshot;
        Interlocked.Exchange(ref _changed, new CancellationTokenSource()).Cancel();
    }

    public void Dispose() => _changed.Dispose();
}
