using Ducts.Handlers;
using Ducts.Sessions;

namespace Ducts.Identity;

/// <summary>Tells which events of a set of handlers a user may call, as far as that depends on the user only.</summary>
/// <remarks>Threading: any thread; immutable.</remarks>
internal sealed class EventRights
{
    private readonly Dictionary<int, int> _decisions = [];
    private readonly AuthorizationGuard[] _guards;

    public EventRights(HandlerSnapshot snapshot)
    {
        var guards = new SortedDictionary<int, AuthorizationGuard>();
        foreach (var entry in snapshot.Events.Values)
        {
            if (entry.Guard is AuthorizationGuard { Decision: { } decision } guard)
            {
                _decisions.Add(entry.Spec.Id, decision);
                guards.TryAdd(decision, guard);
            }
        }

        _guards = [.. guards.Values];
    }

    /// <summary>Gets whether all users may call the same events.</summary>
    public bool AreSameForAll => _guards.Length == 0;

    /// <summary>Decides on a user.</summary>
    /// <returns>The numbers of the decisions that refuse the user, in ascending order.</returns>
    public async ValueTask<IReadOnlyList<int>> FindRefusedAsync(IServiceProvider services, SessionUser user)
    {
        var refused = new List<int>();
        foreach (var guard in _guards)
        {
            if (await guard.DecideAsync(services, user) is not null)
            {
                refused.Add(guard.Decision!.Value);
            }
        }

        return refused;
    }

    /// <summary>Returns whether a user whom these decisions refuse may call an event.</summary>
    public bool MayCall(int eventId, IReadOnlyList<int> refused) => !_decisions.TryGetValue(eventId, out var decision) || !refused.Contains(decision);
}
