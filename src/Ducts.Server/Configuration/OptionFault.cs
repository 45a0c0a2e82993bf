namespace Ducts.Configuration;

/// <summary>An option whose value cannot be used.</summary>
/// <param name="Section">The section's INI name.</param>
/// <param name="Option">The option's INI name.</param>
/// <param name="Message">What is wrong and what was expected.</param>
internal readonly record struct OptionFault(string Section, string Option, string Message)
{
    public override string ToString() => $"[{Section}] {Option}: {Message}";
}
