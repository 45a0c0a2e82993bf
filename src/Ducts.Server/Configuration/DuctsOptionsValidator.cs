using System.Globalization;
using Microsoft.Extensions.Options;

namespace Ducts.Configuration;

/// <summary>Checks options wherever they came from: INI file, environment, appsettings.json or code.</summary>
internal sealed class DuctsOptionsValidator : IValidateOptions<DuctsOptions>
{
    public ValidateOptionsResult Validate(string? name, DuctsOptions options)
    {
        var faults = FindFaults(options);
        return faults.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(faults.Select(static fault => fault.ToString()));
    }

    public static List<OptionFault> FindFaults(DuctsOptions options)
    {
        var faults = new List<OptionFault>();
        foreach (var section in OptionCatalog.Sections)
        {
            if (section.ValuesOf(options) is not { } values)
            {
                faults.Add(new OptionFault(section.Name, "", "is null: expected a section's options"));
                continue;
            }
            foreach (var option in section.Options)
            {
                if (Check(option, option.Property.GetValue(values)) is { } message)
                    faults.Add(new OptionFault(section.Name, option.Name, message));
            }
        }
        // Clashes presume values that are sound one by one.
        if (faults.Count == 0)
            OptionClashes.Find(options, faults);
        return faults;
    }

    private static string? Check(OptionShape option, object? value)
    {
        switch (value)
        {
            case null:
                return $"is null: {option.Expected}";
            case TimeSpan duration:
                return CheckRange(option, value, duration.TotalSeconds);
            case int or long or double:
                return CheckRange(option, value, Convert.ToDouble(value, CultureInfo.InvariantCulture));
            case Enum when !Enum.IsDefined(option.Type, value):
                return $"{OptionText.Write(value)} is unknown: {option.Expected}";
            case string path when option is { Kind: OptionKind.Path, IsOptional: false } && string.IsNullOrWhiteSpace(path):
                return $"is empty: {option.Expected}";
            case List<string> list when list.Exists(static item => string.IsNullOrWhiteSpace(item)):
                return "has an empty item: remove it";
            case string path when option.Kind == OptionKind.Path && path.Contains('\0', StringComparison.Ordinal):
                return $"has a character that no path has: {option.Expected}";
            default:
                return null;
        }
    }

    private static string? CheckRange(OptionShape option, object value, double number) =>
        number >= option.Min && number <= option.Max ? null : $"{OptionText.Write(value)} is out of range: {option.Expected}";
}

/// <summary>An option whose value cannot be used.</summary>
/// <param name="Section">The section's INI name.</param>
/// <param name="Option">The option's INI name.</param>
/// <param name="Message">What is wrong and what was expected.</param>
internal readonly record struct OptionFault(string Section, string Option, string Message)
{
    public override string ToString() => $"[{Section}] {Option}: {Message}";
}
