using Ducts.Handlers;

namespace Ducts.Scripting;

/// <summary>Represents the result of loading a module's file.</summary>
/// <param name="Type">The class derived from <see cref="DuctsModule"/>; null if there are problems.</param>
/// <param name="Problems">The problems of the file; empty if it is loaded.</param>
public sealed record LoadedModule(Type? Type, IReadOnlyList<HandlerProblem> Problems);
