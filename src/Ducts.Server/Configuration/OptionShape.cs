using System.Globalization;
using System.Reflection;
using System.Text;

namespace Ducts.Configuration;

/// <summary>One option: its INI name, type, limits and help.</summary>
internal sealed class OptionShape
{
    private readonly OptionAttribute? _attribute;

    private OptionShape(PropertyInfo property, OptionAttribute? attribute, string help)
    {
        Property = property;
        _attribute = attribute;
        Help = help;
        Name = ToIniName(property.Name);
        Kind = KindOf(property.PropertyType, attribute?.IsPath ?? false);
    }

    public PropertyInfo Property { get; }

    public string Name { get; }

    public string Help { get; }

    public OptionKind Kind { get; }

    public bool Hidden => _attribute?.Hidden ?? false;

    public double Min => _attribute?.Min ?? double.NegativeInfinity;

    public double Max => _attribute?.Max ?? double.PositiveInfinity;

    public IReadOnlyList<string>? Choices => _attribute?.Choices;

    /// <summary>The type as the original prints it.</summary>
    public string PythonType => Kind switch
    {
        OptionKind.Path => "<class 'pathlib.Path'>",
        OptionKind.Boolean => "<class 'bool'>",
        OptionKind.Integer => "<class 'int'>",
        OptionKind.Number => "<class 'float'>",
        OptionKind.List => "<class 'list'>",
        OptionKind.Map or OptionKind.Other => "<class 'dict'>",
        _ => "<class 'str'>",
    };

    /// <summary>What a value has to be, for messages.</summary>
    public string Expected => Kind switch
    {
        _ when Choices is { } choices => $"expected one of {string.Join(", ", choices)}",
        OptionKind.Boolean => "expected a bool: 1, yes, true, on, or 0, no, false, off",
        OptionKind.Integer => $"expected {(_attribute?.Unit is { } unit ? $"a whole number of {unit}" : "an integer")}{Range}",
        OptionKind.Number => $"expected a number{(_attribute?.Unit is { } unit ? $" of {unit}" : "")}{Range}",
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

    /// <summary>An option of a handler's own, which is documented by an ordinary <c>[Description]</c>.</summary>
    public static OptionShape OfUser(PropertyInfo property, string help) => new(property, null, help);

    /// <summary><c>MaxInflight</c> becomes <c>max_inflight</c>.</summary>
    public static string ToIniName(string propertyName)
    {
        var name = new StringBuilder(propertyName.Length + 4);
        for (var i = 0; i < propertyName.Length; i++)
        {
            var c = propertyName[i];
            if (char.IsAsciiLetterUpper(c) && i > 0 && (!char.IsAsciiLetterUpper(propertyName[i - 1])
                || (i + 1 < propertyName.Length && char.IsAsciiLetterLower(propertyName[i + 1]))))
                name.Append('_');
            name.Append(char.ToLowerInvariant(c));
        }
        return name.ToString();
    }

    private static OptionKind KindOf(Type type, bool isPath)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return isPath ? OptionKind.Path : OptionKind.Text;
        if (type == typeof(bool))
            return OptionKind.Boolean;
        if (type == typeof(int) || type == typeof(long))
            return OptionKind.Integer;
        if (type == typeof(double))
            return OptionKind.Number;
        if (type == typeof(List<string>))
            return OptionKind.List;
        return type == typeof(Dictionary<string, string>) ? OptionKind.Map : OptionKind.Other;
    }
}
