using Ducts.Dispatch;
using Ducts.Sessions;

namespace Ducts.Handlers;

/// <summary>A handler whose hook is to run. Replaced or not, it is not disposed before that has ended.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Generation">Entered; to be left after the hook. Null for handlers that are never replaced.</param>
internal readonly record struct HookUse(DuctsHandler Handler, HandlerGeneration? Generation)
{
    /// <summary>The handlers that have a hook now, each of them in use from here on.</summary>
    public static IReadOnlyList<HookUse> Begin(HandlerRegistry registry, SessionChange change)
    {
        while (true)
        {
            var snapshot = registry.Current;
            var handlers = snapshot.Hooks.Of(change);
            if (handlers.Length == 0)
                return [];
            var uses = new List<HookUse>(handlers.Length);
            foreach (var handler in handlers)
            {
                var generation = snapshot.Generations.GetValueOrDefault(handler);
                if (generation?.TryEnter() == false)
                    break;
                uses.Add(new HookUse(handler, generation));
            }

            if (uses.Count == handlers.Length)
                return uses;
            // They were replaced, and ended, since the first line; what replaced them is there by now.
            foreach (var use in uses)
                use.Generation?.Leave();
            // Unless the server has stopped, and nothing has replaced them.
            if (registry.Current == snapshot)
                return [];
        }
    }
}
