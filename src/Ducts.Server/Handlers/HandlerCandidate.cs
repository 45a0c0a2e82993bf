namespace Ducts.Handlers;

/// <summary>Describes a handler class that a source has found and that is not yet constructed.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Key">The event's key.</param>
/// <param name="Type">A class derived from <see cref="DuctsHandler"/>.</param>
/// <param name="Source">The origin for messages: a file's path or an assembly's name.</param>
public sealed record HandlerCandidate(int Id, string Key, Type Type, string Source)
{
    /// <summary>
    /// Gets whether the server takes it that the parameters of all Web APIs of the class can be bound. False, the default, has it find out
    /// before the handler is used. A library whose tests call all of its Web APIs sets it, for that takes a start about 100 ms.
    /// </summary>
    public bool HasTestedWebApis { get; init; }
}
