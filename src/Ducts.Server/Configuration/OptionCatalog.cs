namespace Ducts.Configuration;

/// <summary>All built-in sections, read once from the options classes.</summary>
internal static class OptionCatalog
{
    /// <summary>Options of the original that mean nothing here: accepted, with one note.</summary>
    private static readonly string[] WithoutMeaning = ["hash_algorithm", "max_workers"];

    private static readonly Lazy<Dictionary<string, SectionShape>> ByName = new(static () =>
        Sections.ToDictionary(static section => section.Name, StringComparer.OrdinalIgnoreCase));

    private static readonly Lazy<SectionShape[]> All = new(static () =>
        [.. typeof(DuctsOptions).GetProperties().Select(SectionShape.OfBuiltIn)]);

    public static IReadOnlyList<SectionShape> Sections => All.Value;

    public static SectionShape? Find(string section) => ByName.Value.GetValueOrDefault(section);

    public static bool IsWithoutMeaning(string option) =>
        WithoutMeaning.Contains(option, StringComparer.OrdinalIgnoreCase)
        || option.StartsWith("module_path_", StringComparison.OrdinalIgnoreCase);
}
