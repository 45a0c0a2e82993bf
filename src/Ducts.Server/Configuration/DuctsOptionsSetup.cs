using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Ducts.Configuration;

/// <summary>
/// Fills the options of a hosted application from section <c>Ducts</c> of its configuration, with the values and
/// messages of the INI file: <c>Ducts:Server:HttpdPort</c>, also by INI names.
/// </summary>
internal sealed class DuctsOptionsSetup(IConfiguration? configuration = null) : IConfigureOptions<DuctsOptions>
{
    public const string SectionName = "Ducts";

    public void Configure(DuctsOptions options)
    {
        // A bare service container has no configuration.
        if (configuration is null)
            return;
        var failures = new List<string>();
        foreach (var child in configuration.GetSection(SectionName).GetChildren())
        {
            // Sections of handlers' own options are bound where the handlers are made.
            if (FindSection(child.Key) is { } section)
                Fill(section, section.ValuesOf(options)!, child, failures);
        }
        if (failures.Count > 0)
            throw new OptionsValidationException(Options.DefaultName, typeof(DuctsOptions), failures);
    }

    private static void Fill(SectionShape section, object values, IConfigurationSection configured, List<string> failures)
    {
        foreach (var child in configured.GetChildren())
        {
            if (section.FindEither(child.Key) is not { } option)
                failures.Add($"{child.Path} is unknown{Spelling.DidYouMean(child.Key, section.Options.Select(static known => known.Property.Name))}");
            else if (option.TrySet(values, OptionText.Of(child)) is { } problem)
                failures.Add($"{child.Path}{problem}");
        }
    }

    private static SectionShape? FindSection(string key) =>
        OptionCatalog.Find(key)
        ?? OptionCatalog.Sections.FirstOrDefault(section => string.Equals(section.Property!.Name, key, StringComparison.OrdinalIgnoreCase));
}
