using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Ducts.MessagePack.Converters;

namespace Ducts.MessagePack.Contracts;

/// <summary>Describes a member of a contract, apart from its type.</summary>
internal sealed class MemberShape
{
    public required string Name { get; init; }

    public required int Index { get; init; }

    public bool IsRequired { get; init; }

    public bool IsReadable { get; init; } = true;

    public IgnoreCondition Condition { get; init; }

    /// <summary>A condition that was set on the contract by code: owner and value to whether it is written.</summary>
    public Func<object, object?, bool>? ShouldWrite { get; init; }

    /// <summary>Whether null is an error although the type allows it.</summary>
    public bool RefusesNull { get; init; }

    /// <summary>The default of the constructor's parameter.</summary>
    public object? Initial { get; init; }

    /// <summary>The member's own converter; null for that of its type.</summary>
    public PackConverter? Converter { get; init; }

    public static MemberShape Of(JsonPropertyInfo property, int index, PackSerializerOptions options)
    {
        var declared = property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true) is [JsonIgnoreAttribute ignore, ..]
            ? ignore.Condition
            : (JsonIgnoreCondition?)null;
        var nullable = !property.PropertyType.IsValueType || Nullable.GetUnderlyingType(property.PropertyType) is not null;
        return new MemberShape
        {
            Name = property.Name,
            Index = index,
            IsRequired = property.IsRequired,
            IsReadable = declared is not (JsonIgnoreCondition.Always or JsonIgnoreCondition.WhenReading),
            Condition = ConditionOf(property, declared, nullable, options.Json),

            // The attribute's conditions are tested without boxing; what is left was set by code.
            ShouldWrite = declared is null ? property.ShouldSerialize : null,
            RefusesNull = nullable && !property.IsSetNullable && options.Json.RespectNullableAnnotations,
            Initial = property.AssociatedParameter is { HasDefaultValue: true } parameter ? parameter.DefaultValue : null,
            Converter = ConverterOf(property, options),
        };
    }

    private static IgnoreCondition ConditionOf(JsonPropertyInfo property, JsonIgnoreCondition? declared, bool nullable, JsonSerializerOptions json)
    {
        if (declared is null && property.Set is null && property.AssociatedParameter is null)
        {
            var isField = property.AttributeProvider is FieldInfo;
            if (isField ? json.IgnoreReadOnlyFields : json.IgnoreReadOnlyProperties)
                return IgnoreCondition.Always;
        }

        return (declared ?? json.DefaultIgnoreCondition) switch
        {
            JsonIgnoreCondition.Always or JsonIgnoreCondition.WhenWriting => IgnoreCondition.Always,
            JsonIgnoreCondition.WhenWritingNull when nullable => IgnoreCondition.WhenNull,
            JsonIgnoreCondition.WhenWritingDefault => IgnoreCondition.WhenDefault,
            _ => IgnoreCondition.Never,
        };
    }

    private static PackConverter? ConverterOf(JsonPropertyInfo property, PackSerializerOptions options)
    {
        if (property.CustomConverter is null && property.NumberHandling is null)
            return null;
        var json = new JsonSerializerOptions(options.Json);
        if (property.CustomConverter is { } custom)
            json.Converters.Insert(0, custom);
        if (property.NumberHandling is { } handling)
            json.NumberHandling = handling;
        return (PackConverter)Activator.CreateInstance(
            typeof(JsonFallbackConverter<>).MakeGenericType(property.PropertyType), options, PackSerializerOptions.Fallback(json))!;
    }
}
