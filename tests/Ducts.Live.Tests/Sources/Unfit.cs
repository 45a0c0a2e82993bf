namespace Ducts.Live.Sources;

/// <summary>Named as an event's handler, and none.</summary>
[Event(2001, "UNFIT")]
public static class Unfit;
