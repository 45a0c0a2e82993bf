using Microsoft.AspNetCore.Authorization;

namespace Ducts.Live.Identity;

/// <summary>A compiled handler for administrators.</summary>
[Event(2600, "GUARDED_COMPILED")]
[Authorize(Roles = "admin")]
public sealed class Guarded : DuctsHandler
{
    public string Handle(IEventSession session) => Runs.Count(session, "COMPILED");
}

/// <summary>Counts how often handlers run.</summary>
internal static class Runs
{
    public static string Count(IEventSession session, string handler)
    {
        session.ServerAttributes.AddOrUpdate(handler, 1, static (_, count) => (int)count! + 1);
        return "ran";
    }
}
