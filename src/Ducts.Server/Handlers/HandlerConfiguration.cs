using Microsoft.Extensions.Configuration;

namespace Ducts.Handlers;

/// <summary>Where handlers' own options are read from: the sections of the INI file that are not the server's.</summary>
/// <param name="Sections">The sections.</param>
public sealed record HandlerConfiguration(IConfiguration Sections);
