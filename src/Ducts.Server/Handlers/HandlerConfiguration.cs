using Microsoft.Extensions.Configuration;

namespace Ducts.Handlers;

/// <summary>Provides the configuration of handlers' own options: the sections of the INI file that are not the server's.</summary>
/// <param name="Sections">The sections.</param>
public sealed record HandlerConfiguration(IConfiguration Sections);
