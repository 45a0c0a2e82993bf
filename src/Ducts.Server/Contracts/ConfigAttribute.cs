namespace Ducts;

/// <summary>
/// Binds a record or class of options to a section of the configuration file; a handler takes it as a constructor
/// parameter, and <c>ducts config</c> prints its template.
/// </summary>
/// <param name="section">The section's name, such as <c>evt_70100_neji_config</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ConfigAttribute(string section) : Attribute
{
    /// <summary>The section's name.</summary>
    public string Section { get; } = section;
}
