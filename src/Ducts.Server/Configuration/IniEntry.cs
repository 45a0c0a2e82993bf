namespace Ducts.Configuration;

/// <summary>One option as it stands in a file.</summary>
/// <param name="Section">The section's name, as written.</param>
/// <param name="Name">The option's name, as written.</param>
/// <param name="Value">The value; lines that continue it are joined by line feeds.</param>
/// <param name="Source">The file's path as it was given, or an environment variable's name.</param>
/// <param name="Line">The line, from 1; 0 for an environment variable.</param>
internal sealed record IniEntry(string Section, string Name, string Value, string Source, int Line);
