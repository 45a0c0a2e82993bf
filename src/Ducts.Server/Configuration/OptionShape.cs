using System.Globalization;
using System.Reflection;
using System.Text;

namespace Ducts.Configuration;

/// <summary>Specifies how an option's text is read, and what a template prints as its type.</summary>
internal enum OptionKind
{
    Text,
    Path,
    Boolean,
    Integer,
    Number,

    /// <summary>A <see cref="TimeSpan"/>: seconds, or a time such as 00:01:30.</summary>
    Duration,

    /// <summary>An enum, by the names that its members have in INI files.</summary>
    Choice,
    List,
    Map,

    /// <summary>Any other type of a handler's own options: a literal that System.Text.Json converts.</summary>
    Other,
}

/// <summary>One option: its INI name, type, limits and help.</summary>
internal sealed class OptionShape
{
    private readonly OptionAttribute? _attribute;

    private OptionShape(PropertyInfo property, OptionAttribute? attribute, string help)
    {
        _attribute = attribute;
        Property = property;
        Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        Name = ToIniName(property.Name);
        Help = help;
        Kind = KindOf(Type, attribute);
        Choices = Kind == OptionKind.Choice ? OptionText.ChoicesOf(Type) : [];
    }

    public PropertyInfo Property { get; }

    /// <summary>Gets the property's type, without <see cref="Nullable{T}"/>.</summary>
    public Type Type { get; }

    public string Name { get; }

    public string Help { get; }

    public OptionKind Kind { get; }

    /// <summary>Gets the only values accepted, as they are written; empty for an option of any other kind.</summary>
    public IReadOnlyList<string> Choices { get; }

    public bool Hidden => _attribute?.Hidden ?? false;

    public bool IsOptional => _attribute?.IsOptional ?? false;

    public double Min => _attribute?.Min ?? double.NegativeInfinity;

    public double Max => _attribute?.Max ?? double.PositiveInfinity;

    /// <summary>Gets the type as the original prints it.</summary>
    public string PythonType => Kind switch
    {
        OptionKind.Path => "<class 'pathlib.Path'>",
        OptionKind.Boolean => "<class 'bool'>",
        OptionKind.Integer => "<class 'int'>",
        OptionKind.Number or OptionKind.Duration => "<class 'float'>",
        OptionKind.List => "<class 'list'>",
        OptionKind.Map or OptionKind.Other => "<class 'dict'>",
        _ => "<class 'str'>",
    };

    /// <summary>Gets what a value has to be, for messages.</summary>
    public string Expected => Kind switch
    {
        OptionKind.Boolean => "expected a bool: 1, yes, true, on, or 0, no, false, off",
        OptionKind.Integer => $"expected {(_attribute?.Unit is { } unit ? $"a whole number of {unit}" : "an integer")}{Range}",
        OptionKind.Number => $"expected a number{(_attribute?.Unit is { } unit ? $" of {unit}" : "")}{Range}",
        OptionKind.Duration => $"expected a number of seconds{Range}, or a time such as 00:01:30",
        OptionKind.Choice => $"expected one of {string.Join(", ", Choices)}",
        OptionKind.List => "expected a list in brackets, such as [\"a\", \"b\"]",
        OptionKind.Map => "expected a map in braces, such as {\"a\": \"b\"}",
        OptionKind.Path => "expected a path",
        OptionKind.Other => $"expected {Property.PropertyType.Name} as JSON",
        _ => "expected text",
    };

    private string Range => (double.IsFinite(Min), double.IsFinite(Max)) switch
    {
        (true, true) => string.Create(CultureInfo.InvariantCulture, $" from {Min} to {Max}"),
        (true, false) => string.Create(CultureInfo.InvariantCulture, $", at least {Min}"),
        (false, true) => string.Create(CultureInfo.InvariantCulture, $", at most {Max}"),
        _ => "",
    };

    public static OptionShape OfBuiltIn(PropertyInfo property, OptionAttribute attribute) => new(property, attribute, attribute.Help);

    /// <summary>Creates the shape of an option of a handler's own, which is documented by an ordinary <c>[Description]</c>.</summary>
    public static OptionShape OfUser(PropertyInfo property, string help) => new(property, null, help);

    /// <summary>Returns <c>max_inflight</c> for <c>MaxInflight</c>.</summary>
    public static string ToIniName(string propertyName)
    {
        var name = new StringBuilder(propertyName.Length + 4);
        for (var i = 0; i < propertyName.Length; i++)
        {
            var c = propertyName[i];
            if (char.IsAsciiLetterUpper(c) && i > 0 && (!char.IsAsciiLetterUpper(propertyName[i - 1])
                || (i + 1 < propertyName.Length && char.IsAsciiLetterLower(propertyName[i + 1]))))
            {
                name.Append('_');
            }
            name.Append(char.ToLowerInvariant(c));
        }
        return name.ToString();
    }

    /// <summary>Sets the option from text. <c>None</c> leaves the default.</summary>
    /// <param name="values">The options of the section.</param>
    /// <param name="text">The text.</param>
    /// <returns>What is wrong with the text; null when it was set.</returns>
    public string? TrySet(object values, string text)
    {
        if (!OptionText.TryRead(this, text, out var value))
            return Refuse(text);
        if (value is not null)
            Property.SetValue(values, value);
        return null;
    }

    /// <summary>Returns what is wrong with a text that is no value of the option, to follow its name.</summary>
    public string Refuse(string text) => $" = \"{text}\": {Expected}{Spelling.DidYouMean(text, Choices)}";

    private static OptionKind KindOf(Type type, OptionAttribute? attribute)
    {
        if (type == typeof(string))
            return attribute is { IsPath: true } ? OptionKind.Path : OptionKind.Text;
        if (type == typeof(bool))
            return OptionKind.Boolean;
        if (type == typeof(int) || type == typeof(long))
            return OptionKind.Integer;
        if (type == typeof(double))
            return OptionKind.Number;
        if (type == typeof(TimeSpan))
            return OptionKind.Duration;
        if (type == typeof(List<string>))
            return OptionKind.List;
        if (type == typeof(Dictionary<string, string>))
            return OptionKind.Map;
        // The enums of handlers' options have always been JSON, with flags and numbers.
        return type.IsEnum && attribute is not null ? OptionKind.Choice : OptionKind.Other;
    }
}
