namespace Ducts.Configuration;

/// <summary>A section's heading in a file.</summary>
internal sealed record IniSectionHead(string Name, string Source, int Line);
