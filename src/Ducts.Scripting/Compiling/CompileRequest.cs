using Ducts.Scripting.Files;

namespace Ducts.Scripting.Compiling;

/// <summary>What to compile into one assembly.</summary>
/// <param name="Files">The files, sorted by path.</param>
/// <param name="Refused">Paths of those that are left out, because something is wrong with their directives.</param>
/// <param name="References">Assemblies besides the platform's: full paths.</param>
/// <param name="BaseType">Full name of the class whose descendants are looked for; null for a startup file, which has a method that is run.</param>
/// <param name="AssemblyName">The name of the assembly.</param>
/// <param name="Startup">The assembly of the startup file, whose types the files may use; empty if there is none.</param>
internal sealed record CompileRequest(
    IReadOnlyList<SourceFile> Files,
    IReadOnlySet<string> Refused,
    IReadOnlyList<string> References,
    string? BaseType,
    string AssemblyName,
    ReadOnlyMemory<byte> Startup);
