using Microsoft.Extensions.Configuration;

namespace Ducts.Handlers;

/// <summary>Provides the configuration of handlers' own options: the sections of the INI file that are not the server's.</summary>
/// <param name="Sections">The sections.</param>
public sealed record HandlerConfiguration(IConfiguration Sections)
{
    /// <summary>
    /// Gets whether the start fails if handlers were rejected and none is left. Default: false, as an application may have a use
    /// without them. The <c>ducts</c> command sets it, unless it reloads handlers: a corrected file is loaded then.
    /// </summary>
    public bool RequiresHandlers { get; init; }
}
