using Ducts.MessagePack;

namespace Ducts.Client;

/// <summary>The functions set for events, called for what no request waits for: pushes, and replies to messages sent without waiting.</summary>
internal sealed class EventHandlers(Action<int, Exception> faulted)
{
    private readonly Lock _lock = new();
    private readonly List<Subscription> _subscriptions = [];
    private IReadOnlyDictionary<string, int> _events = new Dictionary<string, int>();
    private volatile Dictionary<int, Action<MessagePackElement>[]> _byId = [];

    /// <summary>Sets the ids of events by key: another session may have other ones.</summary>
    public void SetEvents(IReadOnlyDictionary<string, int> events)
    {
        lock (_lock)
        {
            _events = events;
            Rebuild();
        }
    }

    public IDisposable Add(EventSelector target, Action<MessagePackElement> handler)
    {
        lock (_lock)
        {
            target.Resolve(_events);
            var subscription = new Subscription(this, target, handler);
            _subscriptions.Add(subscription);
            Rebuild();
            return subscription;
        }
    }

    public void Invoke(int eventId, MessagePackElement data)
    {
        if (!_byId.TryGetValue(eventId, out var all))
        {
            return;
        }

        foreach (var handler in all)
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

    private void Remove(Subscription subscription)
    {
        lock (_lock)
        {
            if (_subscriptions.Remove(subscription))
            {
                Rebuild();
            }
        }
    }

    private void Rebuild() =>
        _byId = (from subscription in _subscriptions
                 let id = subscription.Target.TryResolve(_events)
                 where id is not null
                 group subscription.Handler by id.Value).ToDictionary(static handlers => handlers.Key, static handlers => handlers.ToArray());

    private sealed class Subscription(EventHandlers owner, EventSelector target, Action<MessagePackElement> handler) : IDisposable
    {
        public EventSelector Target => target;

        public Action<MessagePackElement> Handler => handler;

        public void Dispose() => owner.Remove(this);
    }
}
