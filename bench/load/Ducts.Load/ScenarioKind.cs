namespace Ducts.Load;

/// <summary>What a scenario asks of a server.</summary>
internal enum ScenarioKind
{
    Echo,
    EchoMap,
    Record,
    Count,
    CountYield,
    CountChannel,
    FanOut,
    FanOutChannels,
    Blob,
    Idle,
    IdleCpu,
    IdleAlive,
    Open,
    Held,
    Start,
    Divided,
    Stalled,
    HalfOpen,
    Hostile,
    Limits,
    Credits,
    Storm,
    Soak,
}
