namespace Ducts.Configuration;

/// <summary>Holds all built-in sections, read once from the options classes.</summary>
internal static class OptionCatalog
{
    /// <summary>Options of the original that mean nothing here: accepted, with one note each.</summary>
    private static readonly string[] WithoutMeaning = ["hash_algorithm", "max_workers"];

    private static readonly Lazy<SectionShape[]> All = new(static () =>
        [.. typeof(DuctsOptions).GetProperties().Select(SectionShape.OfBuiltIn)]);

    public static IReadOnlyList<SectionShape> Sections => All.Value;

    /// <summary>Gets the names of all sections that are not a handler's own.</summary>
    public static IEnumerable<string> Names => Sections.Select(static section => section.Name);

    /// <summary>Returns the section of an INI name, in any case.</summary>
    public static SectionShape? Find(string section) =>
        Array.Find(All.Value, shape => string.Equals(shape.Name, section, StringComparison.OrdinalIgnoreCase));

    /// <summary>Returns the section of options of one class.</summary>
    public static SectionShape Of<TOptions>() => Array.Find(All.Value, static shape => shape.Type == typeof(TOptions))!;

    public static bool IsBuiltIn(string section) => Names.Contains(section, StringComparer.OrdinalIgnoreCase);

    public static bool IsWithoutMeaning(string option) =>
        WithoutMeaning.Contains(option, StringComparer.OrdinalIgnoreCase)
        || option.StartsWith("module_path_", StringComparison.OrdinalIgnoreCase);
}
