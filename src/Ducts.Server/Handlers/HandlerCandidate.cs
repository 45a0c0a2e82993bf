namespace Ducts.Handlers;

/// <summary>Describes a handler class that a source has found and that is not yet constructed.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Key">The event's key.</param>
/// <param name="Type">A class derived from <see cref="DuctsHandler"/>.</param>
/// <param name="Source">The origin for messages: a file's path or an assembly's name.</param>
public sealed record HandlerCandidate(int Id, string Key, Type Type, string Source);
