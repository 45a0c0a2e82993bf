namespace Ducts.Configuration;

/// <summary>What a file holds. A faulty line is a problem, never an exception, and the lines after it still count.</summary>
internal sealed record IniFile(
    IReadOnlyList<IniSectionHead> Sections,
    IReadOnlyList<IniEntry> Entries,
    IReadOnlyList<ConfigProblem> Problems);
