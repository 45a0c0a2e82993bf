namespace Ducts.Configuration;

/// <summary>Which section of the INI file an options class is.</summary>
/// <param name="name">The section's name.</param>
/// <param name="group">The argument of <c>ducts config</c>, besides the name itself, that prints the section.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SectionAttribute(string name, string group) : Attribute
{
    public string Name { get; } = name;

    public string Group { get; } = group;
}
