using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;

namespace Ducts.Configuration;

/// <summary>Creates a handler's own options from a section of the configuration.</summary>
internal static class UserSection
{
    /// <summary>Creates and fills an instance. Names match as snake_case or as the property is called, in any case.</summary>
    /// <param name="type">A class or record with <see cref="ConfigAttribute"/>.</param>
    /// <param name="sections">The sections: of the INI file or of <c>appsettings.json</c>.</param>
    /// <returns>The options; defaults where nothing is set.</returns>
    /// <exception cref="FormatException">An option is unknown or its value is not of its type; the message names both.</exception>
    public static object Bind(Type type, IConfiguration sections)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(sections);
        var shape = SectionShape.OfUser(type);
        var values = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (var child in sections.GetSection(shape.Name).GetChildren())
        {
            var option = shape.FindEither(child.Key)
                ?? throw new FormatException($"[{shape.Name}] {child.Key} is unknown{Spelling.DidYouMean(child.Key, shape.Options.Select(static option => option.Name))}");
            var value = Read(shape.Name, option, child);
            if (value is not null)
                values[option.Property.Name] = value;
        }
        return Create(type, values);
    }

    /// <summary>The options with nothing set, for their template; null where the type demands a value.</summary>
    public static object? CreateDefault(Type type)
    {
        try
        {
            return Create(type, []);
        }
        catch (Exception e) when (e is FormatException or TargetInvocationException or MissingMethodException)
        {
            return null;
        }
    }

    internal static string ToJson(object value) => OptionText.Escape(JsonSerializer.Serialize(value, CreateJson()));

    private static object? Read(string section, OptionShape option, IConfigurationSection child)
    {
        var text = OptionText.Of(child);
        if (option.Kind != OptionKind.Other)
        {
            return OptionText.TryRead(option, text, out var value)
                ? value
                : throw new FormatException($"[{section}] {option.Name}{option.Refuse(text)}");
        }
        var type = option.Property.PropertyType;
        try
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(LiteralReader.TryRead(text, out var literal) ? literal : text);
            return JsonSerializer.Deserialize(json, type, CreateJson());
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new FormatException($"[{section}] {option.Name}{option.Refuse(text)}", e);
        }
    }

    // Made anew each time: what is kept remembers types, and with them the code of handlers that have been replaced.
    private static JsonSerializerOptions CreateJson() => new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter() },
    };

    private static object Create(Type type, Dictionary<string, object?> values)
    {
        var constructor = type.GetConstructors().MinBy(static candidate => candidate.GetParameters().Length)
            ?? throw new FormatException($"{type} has no public constructor");
        var arguments = constructor.GetParameters().Select(parameter =>
            values.Remove(parameter.Name!, out var value) ? value
            : parameter.HasDefaultValue ? parameter.DefaultValue
            : throw new FormatException($"{OptionShape.ToIniName(parameter.Name!)} is not set: expected a value in section [{type.GetCustomAttribute<ConfigAttribute>()?.Section}]")).ToArray();
        var instance = constructor.Invoke(arguments);
        foreach (var (name, value) in values)
            type.GetProperty(name)!.SetValue(instance, value);
        return instance;
    }
}
