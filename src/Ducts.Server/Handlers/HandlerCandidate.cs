namespace Ducts.Handlers;

/// <summary>Describes a handler class that a source has found and that is not yet constructed.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Key">The event's key.</param>
/// <param name="Type">A class derived from <see cref="DuctsHandler"/>.</param>
/// <param name="Source">The origin for messages: a file's path or an assembly's name.</param>
public sealed record HandlerCandidate(int Id, string Key, Type Type, string Source)
{
    /// <summary>
    /// Gets whether the parameters of all Web APIs of the class are known to be bindable. Default: false, and the server checks them
    /// before it uses the handler. A library whose tests call all of its Web APIs may set it: the first check of a start loads what
    /// ASP.NET Core binds forms with, about 3 MiB. A Web API that cannot be bound then fails when it is called.
    /// </summary>
    public bool HasTestedWebApis { get; init; }
}
