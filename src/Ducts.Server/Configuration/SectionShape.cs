using System.ComponentModel;
using System.Reflection;

namespace Ducts.Configuration;

/// <summary>One section: its name and its options.</summary>
internal sealed class SectionShape
{
    private readonly Dictionary<string, OptionShape> _byName;

    private SectionShape(string name, string group, Type type, PropertyInfo? property, IReadOnlyList<OptionShape> options)
    {
        Name = name;
        Group = group;
        Type = type;
        Property = property;
        Options = options;
        _byName = new Dictionary<string, OptionShape>(options.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var option in options)
            _byName[option.Name] = option;
    }

    public string Name { get; }

    public string Group { get; }

    public Type Type { get; }

    /// <summary>Gets the property of <see cref="DuctsOptions"/>; null for a handler's own section.</summary>
    public PropertyInfo? Property { get; }

    public IReadOnlyList<OptionShape> Options { get; }

    public static SectionShape OfBuiltIn(PropertyInfo property)
    {
        var attribute = property.PropertyType.GetCustomAttribute<SectionAttribute>()
            ?? throw new InvalidOperationException($"{property.PropertyType} has no [Section].");
        var options = new List<OptionShape>();
        foreach (var candidate in property.PropertyType.GetProperties())
        {
            if (candidate.GetCustomAttribute<OptionAttribute>() is { } option)
                options.Add(OptionShape.OfBuiltIn(candidate, option));
        }
        return new SectionShape(attribute.Name, attribute.Group, property.PropertyType, property, options);
    }

    /// <summary>Creates the section of a class or record marked with <see cref="ConfigAttribute"/>.</summary>
    public static SectionShape OfUser(Type type)
    {
        var name = type.GetCustomAttribute<ConfigAttribute>()?.Section
            ?? throw new ArgumentException($"{type} has no [Config] attribute. Add one that names its section.", nameof(type));
        var options = new List<OptionShape>();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0 && property.Name != "EqualityContract")
                options.Add(OptionShape.OfUser(property, property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? property.Name));
        }
        return new SectionShape(name, name, type, null, options);
    }

    /// <summary>Returns the option of an INI name, in any case.</summary>
    public OptionShape? Find(string option) => _byName.GetValueOrDefault(option);

    /// <summary>Returns the option of an INI name or a property's name, as <c>appsettings.json</c> may have either.</summary>
    public OptionShape? FindEither(string option) => Find(option) ?? Find(OptionShape.ToIniName(option));

    /// <summary>Returns the section's part of the options; null where code has set it so.</summary>
    public object? ValuesOf(DuctsOptions options) => Property!.GetValue(options);
}
