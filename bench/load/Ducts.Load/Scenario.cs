namespace Ducts.Load;

/// <summary>One line of the table.</summary>
/// <param name="Name">As given on the command line.</param>
/// <param name="Kind">What is asked.</param>
/// <param name="Connections">How many sockets.</param>
/// <param name="InFlight">Requests that wait for their reply on each.</param>
/// <param name="Size">Bytes of the text that is echoed.</param>
/// <param name="Units">What one reply counts for: items of a stream, megabytes of a blob.</param>
/// <param name="Unit">What the cost is per.</param>
internal sealed record Scenario(string Name, ScenarioKind Kind, int Connections, int InFlight, int Size = 16, int Units = 1, string Unit = "message")
{
    public const int CountItems = 100_000;
    public const int BlobMegabytes = 10;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("echo-1x1", ScenarioKind.Echo, 1, 1),
        new("echo-64x1", ScenarioKind.Echo, 64, 1),
        new("echo-64x16", ScenarioKind.Echo, 64, 16),
        new("echo-1k", ScenarioKind.Echo, 64, 16, Size: 1024),
        new("map", ScenarioKind.EchoMap, 64, 16),
        new("record", ScenarioKind.Record, 64, 16),
        new("stream", ScenarioKind.Count, 1, 1, Units: CountItems, Unit: "item"),
        new("stream-yield", ScenarioKind.CountYield, 1, 1, Units: CountItems, Unit: "item"),
        new("stream-channel", ScenarioKind.CountChannel, 1, 1, Units: CountItems, Unit: "item"),
        new("fanout", ScenarioKind.FanOut, 1000, 1, Unit: "delivery"),
        new("fanout-channels", ScenarioKind.FanOutChannels, 1000, 1, Unit: "delivery"),
        new("blob", ScenarioKind.Blob, 1, 1, Units: BlobMegabytes, Unit: "MiB"),
        new("idle", ScenarioKind.Idle, 5000, 0, Unit: "session"),
        new("idle-cpu", ScenarioKind.IdleCpu, 5000, 0, Unit: "session and second"),
        new("idle-alive", ScenarioKind.IdleAlive, 5000, 0, Unit: "session and second"),
        new("open", ScenarioKind.Open, 2000, 0, Unit: "session"),
        new("held", ScenarioKind.Held, 20_000, 0, Unit: "session"),
        new("start", ScenarioKind.Start, 1, 1, Unit: "start"),
        new("divided", ScenarioKind.Divided, 1, 1),
        new("stalled", ScenarioKind.Stalled, 64, 1),
        new("half-open", ScenarioKind.HalfOpen, 10_000, 0, Unit: "connection"),
        new("hostile", ScenarioKind.Hostile, 10_000, 0, Unit: "connection"),
        new("limits", ScenarioKind.Limits, 500, 0),
        new("credits", ScenarioKind.Credits, 1, 1),
        new("storm", ScenarioKind.Storm, 19_500, 0),
        new("soak", ScenarioKind.Soak, 100, 1),
    ];

    /// <summary>Gets whether a request is answered by a stream of <see cref="CountItems"/>.</summary>
    public bool Counts => Kind is ScenarioKind.Count or ScenarioKind.CountYield or ScenarioKind.CountChannel;

    /// <summary>Whether a server has a counterpart.</summary>
    public bool IsFor(ServerKind server) => Kind switch
    {
        ScenarioKind.Record => server != ServerKind.Kestrel,
        ScenarioKind.CountYield or ScenarioKind.CountChannel => server is ServerKind.Ducts or ServerKind.Baseline or ServerKind.SignalR,
        ScenarioKind.IdleCpu or ScenarioKind.IdleAlive or ScenarioKind.Open or ScenarioKind.FanOutChannels => server is ServerKind.Ducts or ServerKind.Baseline or ServerKind.Kestrel,
        ScenarioKind.Held or ScenarioKind.Start or ScenarioKind.Divided or ScenarioKind.Stalled or ScenarioKind.HalfOpen or ScenarioKind.Hostile or ScenarioKind.Limits => server is ServerKind.Ducts or ServerKind.Baseline,
        // The protocol's version 2, which a baseline may not have.
        ScenarioKind.Credits or ScenarioKind.Storm or ScenarioKind.Soak => server is ServerKind.Ducts,
        _ => true,
    };
}
