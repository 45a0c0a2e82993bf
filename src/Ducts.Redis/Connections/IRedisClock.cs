namespace Ducts.Redis;

/// <summary>The client's coarse time, in ticks of its sweep: reading it costs nothing, unlike a clock.</summary>
internal interface IRedisClock
{
    /// <summary>The current tick.</summary>
    long Now { get; }

    /// <summary>The ticks that a command may take.</summary>
    long CommandTimeout { get; }

    /// <summary>A duration in ticks, rounded down.</summary>
    long TicksOf(TimeSpan duration);
}
