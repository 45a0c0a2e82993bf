namespace Ducts.Configuration;

/// <summary>What the catalogue knows of an option beyond its name, type and default.</summary>
/// <param name="help">What the option is, in a few words: the comment in a printed template.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OptionAttribute(string help) : Attribute
{
    public string Help { get; } = help;

    /// <summary>Left out of templates unless asked for: few ever change it.</summary>
    public bool Hidden { get; init; }

    /// <summary>A path, relative to <c>ducts_home</c>.</summary>
    public bool IsPath { get; init; }

    /// <summary>The unit, in the plural, for messages.</summary>
    public string? Unit { get; init; }

    public double Min { get; init; } = double.NegativeInfinity;

    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>The only values accepted, or null for any.</summary>
    public string[]? Choices { get; init; }
}
