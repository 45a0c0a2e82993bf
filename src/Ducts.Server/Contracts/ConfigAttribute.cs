namespace Ducts;

/// <summary>
/// Binds an options class or record to a section of the configuration file. A handler receives it as a constructor
/// parameter, and <c>ducts config</c> prints its template.
/// </summary>
/// <param name="section">The section's name, such as <c>evt_70100_neji_config</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ConfigAttribute(string section) : Attribute
{
    /// <summary>Gets the section's name.</summary>
    public string Section { get; } = section;
}
