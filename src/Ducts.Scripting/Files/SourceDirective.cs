namespace Ducts.Scripting.Files;

/// <summary>A line <c>#:package</c> or <c>#:project</c> at the head of a file.</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="Name">The package's name, or the project's full path.</param>
/// <param name="Version">The package's version; empty for a project.</param>
/// <param name="Path">The file the line is in.</param>
/// <param name="Line">The line, from 1.</param>
internal sealed record SourceDirective(DirectiveKind Kind, string Name, string Version, string Path, int Line);
