namespace Ducts.Live.Sources;

/// <summary>A service of the application.</summary>
public sealed record Greeting(string Word);
