namespace Ducts.Scripting.Compiling;

/// <summary>A concrete class, derived from the base asked for, that the compiler found in a root file.</summary>
/// <param name="Path">The file.</param>
/// <param name="TypeName">The name that finds it in the compiled assembly; mangled for a file-local class.</param>
/// <param name="Name">Its name as the source has it.</param>
/// <param name="Line">The line of its name, from 1.</param>
/// <param name="Column">The column of its name, from 1.</param>
/// <param name="IsGeneric">Whether it has type parameters, so that nobody could construct it.</param>
/// <param name="EventKey">The argument of its <see cref="EventKeyAttribute"/>, or null.</param>
internal sealed record ScriptClass(string Path, string TypeName, string Name, int Line, int Column, bool IsGeneric, string? EventKey);
