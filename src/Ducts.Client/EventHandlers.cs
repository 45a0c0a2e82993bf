using System.Collections.Concurrent;
using Ducts.MessagePack;

namespace Ducts.Client;

/// <summary>The functions set for events, called for what no request waits for: pushes, and replies to messages sent without waiting.</summary>
internal sealed class EventHandlers(Action<int, Exception> faulted)
{
    private readonly ConcurrentDictionary<int, Action<MessagePackElement>> _handlers = new();

    public IDisposable Add(int eventId, Action<MessagePackElement> handler)
    {
        _handlers.AddOrUpdate(eventId, static (_, added) => added, static (_, present, added) => present + added, handler);
        return new Subscription(this, eventId, handler);
    }

    public void Invoke(int eventId, MessagePackElement data)
    {
        if (!_handlers.TryGetValue(eventId, out var all))
            return;
        foreach (var handler in Delegate.EnumerateInvocationList(all))
        {
            try
            {
                handler(data);
            }
            catch (Exception exception)
            {
                // A fault of the user's function must not end the connection; it is reported instead.
                faulted(eventId, exception);
            }
        }
    }

    private void Remove(int eventId, Action<MessagePackElement> handler)
    {
        while (_handlers.TryGetValue(eventId, out var present))
        {
            var left = present - handler;
            var done = left is null
                ? _handlers.TryRemove(KeyValuePair.Create(eventId, present))
                : _handlers.TryUpdate(eventId, left, present);
            if (done)
                return;
        }
    }

    private sealed class Subscription(EventHandlers owner, int eventId, Action<MessagePackElement> handler) : IDisposable
    {
        private Action<MessagePackElement>? _handler = handler;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _handler, null) is { } present)
                owner.Remove(eventId, present);
        }
    }
}
