using Ducts.Handlers;

namespace Ducts.Scripting;

/// <summary>A module's file, compiled and loaded, or why it is not.</summary>
/// <param name="Type">The class derived from <see cref="DuctsModule"/>; null when there are problems.</param>
/// <param name="Problems">What is wrong with the file; empty when it is loaded.</param>
public sealed record LoadedModule(Type? Type, IReadOnlyList<HandlerProblem> Problems);
