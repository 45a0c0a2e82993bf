using Ducts.Fuzz.Targets;

namespace Ducts.Fuzz;

/// <summary>All targets.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<string> Names { get; } = ["frames", "messagepack", "json", "discovery", "ini"];

    public static IFuzzTarget Create(string name) => name switch
    {
        "frames" => new FrameTarget(),
        "messagepack" => new MessagePackTarget(),
        "json" => new JsonTarget(),
        "discovery" => new DiscoveryTarget(),
        "ini" => new IniTarget(),
        _ => throw new ArgumentException($"There is no target {name}: {string.Join(", ", Names)}."),
    };
}
