namespace Ducts;

/// <summary>Describes an option beyond its name, type and default.</summary>
/// <param name="help">What the option is, in a few words: the comment in a printed template.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OptionAttribute(string help) : Attribute
{
    public string Help { get; } = help;

    /// <summary>Gets whether templates leave the option out unless asked for it, because few ever change it.</summary>
    public bool Hidden { get; init; }

    /// <summary>Gets whether the value is a path, relative to <c>ducts_home</c>.</summary>
    public bool IsPath { get; init; }

    /// <summary>Gets whether a path may be empty, which means none. Elsewhere it would mean <c>ducts_home</c> itself.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Gets the unit, in the plural, for messages. A <see cref="TimeSpan"/> is always in seconds.</summary>
    public string? Unit { get; init; }

    /// <summary>Gets the lowest value accepted; seconds for a <see cref="TimeSpan"/>.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>Gets the highest value accepted; seconds for a <see cref="TimeSpan"/>.</summary>
    public double Max { get; init; } = double.PositiveInfinity;
}

/// <summary>Names the section of the INI file that an options class is.</summary>
/// <param name="name">The section's name.</param>
/// <param name="group">The argument of <c>ducts config</c>, besides the name itself, that prints the section.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SectionAttribute(string name, string group) : Attribute
{
    public string Name { get; } = name;

    public string Group { get; } = group;
}
