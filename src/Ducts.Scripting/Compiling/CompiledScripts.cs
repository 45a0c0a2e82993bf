using Ducts.Handlers;

namespace Ducts.Scripting.Compiling;

/// <summary>What compiling gave: as much of it as compiles, and why the rest does not. This is what the cache keeps.</summary>
/// <param name="Image">The assembly with its embedded symbols; empty when nothing compiles.</param>
/// <param name="Classes">The classes in it, by file.</param>
/// <param name="Problems">The errors; their files are not in the assembly.</param>
/// <param name="Warnings">The warnings.</param>
internal sealed record CompiledScripts(
    ReadOnlyMemory<byte> Image,
    IReadOnlyList<ScriptClass> Classes,
    IReadOnlyList<HandlerProblem> Problems,
    IReadOnlyList<HandlerProblem> Warnings);
