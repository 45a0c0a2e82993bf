namespace Ducts.Configuration;

/// <summary>Writes configuration sections as commented templates, whose values can be read back unchanged.</summary>
public static class ConfigTemplate
{
    private const string GroupSuffix = ".config";

    /// <summary>Gets the names that <see cref="TryWrite"/> accepts: of sections and of groups of sections.</summary>
    public static IReadOnlyList<string> Names =>
    [
        .. OptionCatalog.Sections.Select(static section => section.Group[..^GroupSuffix.Length]).Distinct(),
        .. OptionCatalog.Sections.Select(static section => section.Group).Distinct(),
        .. OptionCatalog.Sections.Select(static section => section.Name),
    ];

    /// <summary>Writes the template of one or several built-in sections.</summary>
    /// <param name="writer">The writer that receives the template.</param>
    /// <param name="name">A section's name; <c>ducts.server</c> or <c>ducts.redis</c>, also as <c>ducts.server.config</c>; empty for all.</param>
    /// <param name="hidden">Whether to include options that rarely need a change.</param>
    /// <returns>True if the name is known.</returns>
    public static bool TryWrite(TextWriter writer, string name, bool hidden = false)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(name);
        var found = false;
        foreach (var section in OptionCatalog.Sections)
        {
            if (name.Length > 0 && !IsNamed(section, name))
                continue;
            found = true;
            Write(writer, section, section.ValuesOf(new DuctsOptions()), hidden);
        }
        return found;
    }

    /// <summary>Writes the template of a handler's own options.</summary>
    /// <param name="writer">The writer that receives the template.</param>
    /// <param name="type">A class or record with <see cref="ConfigAttribute"/>; <c>[Description]</c> on a property is its help.</param>
    public static void Write(TextWriter writer, Type type)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(type);
        Write(writer, SectionShape.OfUser(type), UserSection.CreateDefault(type), hidden: true);
    }

    /// <summary>Returns a suggestion of a similar name, to be appended to a message; empty if no known name is similar.</summary>
    /// <param name="name">The unknown name.</param>
    public static string Suggest(string name) => Spelling.DidYouMean(name, Names);

    private static bool IsNamed(SectionShape section, string name) =>
        string.Equals(section.Name, name, StringComparison.OrdinalIgnoreCase)
        || string.Equals(section.Group, name, StringComparison.OrdinalIgnoreCase)
        || string.Equals(section.Group, name + GroupSuffix, StringComparison.OrdinalIgnoreCase);

    private static void Write(TextWriter writer, SectionShape section, object? values, bool hidden)
    {
        writer.Write($"\n[{section.Name}]\n\n");
        foreach (var option in section.Options)
        {
            if (option.Hidden && !hidden)
                continue;
            var value = values is null ? null : option.Property.GetValue(values);
            var text = option.Kind == OptionKind.Other && value is not null ? UserSection.ToJson(value) : OptionText.Write(value);
            writer.Write($"# {option.Help} ({option.PythonType})\n# {option.Name} = {text}\n\n");
        }
    }
}
