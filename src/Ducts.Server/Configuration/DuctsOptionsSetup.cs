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
        var root = configuration.GetSection(SectionName);
        foreach (var child in root.GetChildren())
        {
            // Sections of handlers' own options are bound where the handlers are made.
            if (FindSection(child.Key) is { } section)
                Fill(options, section, child, failures);
        }
        if (failures.Count > 0)
            throw new OptionsValidationException(Options.DefaultName, typeof(DuctsOptions), failures);
    }

    private static void Fill(DuctsOptions options, SectionShape section, IConfigurationSection values, List<string> failures)
    {
        foreach (var child in values.GetChildren())
        {
            if ((section.Find(child.Key) ?? section.Find(OptionShape.ToIniName(child.Key))) is not { } option)
            {
                failures.Add($"{child.Path} is unknown{Spelling.DidYouMean(child.Key, section.Options.Select(static known => known.Property.Name))}");
                continue;
            }
            var text = child.Value ?? ConfigurationLiteral.Write(child);
            if (!OptionText.TryRead(option, text, out var value))
                failures.Add($"{child.Path} = \"{text}\": {option.Expected}");
            else if (value is not null)
                option.Property.SetValue(section.Property!.GetValue(options), value);
        }
    }

    private static SectionShape? FindSection(string key) =>
        OptionCatalog.Find(key)
        ?? OptionCatalog.Sections.FirstOrDefault(section => string.Equals(section.Property!.Name, key, StringComparison.OrdinalIgnoreCase));
}
