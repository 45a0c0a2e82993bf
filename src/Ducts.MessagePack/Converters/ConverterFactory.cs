using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Ducts.MessagePack.Converters;

/// <summary>Picks the converter of a type.</summary>
internal static class ConverterFactory
{
    public static PackConverter Create(Type type, PackSerializerOptions options)
    {
        if (type.IsByRefLike || type.IsByRef || type.IsPointer || type.ContainsGenericParameters || type == typeof(void))
            throw new ArgumentException($"No value can be of type {type}.", nameof(type));
        if (HasOwnConverter(type, options))
            return Make(typeof(JsonFallbackConverter<>), type, options, options.FallbackJson);
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Make(typeof(NullableConverter<>), underlying, options.GetConverter(underlying));
        if (type.IsEnum)
            return Make(typeof(EnumConverter<>), type);
        return ScalarConverters.TryCreate(type, options)
            ?? TryCreateAny(type, options)
            ?? CollectionConverters.TryCreate(type, options)
            ?? Make(typeof(LazyConverter<>), type, options);
    }

    public static bool ReadsNumbersFromStrings(PackSerializerOptions options)
        => (options.Json.NumberHandling & JsonNumberHandling.AllowReadingFromString) != 0;

    private static bool HasOwnConverter(Type type, PackSerializerOptions options)
    {
        foreach (var converter in options.Json.Converters)
        {
            if (converter.CanConvert(type))
                return true;
        }

        // Types of the core library carry none, and looking costs start-up; enums by name are what this library does anyway.
        return type.Assembly != typeof(object).Assembly
            && type.GetCustomAttribute<JsonConverterAttribute>(inherit: false) is { } attribute
            && !(type.IsEnum && IsPlainEnumConverter(attribute.ConverterType))
            && !typeof(JsonNode).IsAssignableFrom(type);
    }

    private static bool IsPlainEnumConverter(Type? converter)
        => converter == typeof(JsonStringEnumConverter)
        || (converter is { IsGenericType: true } && converter.GetGenericTypeDefinition() == typeof(JsonStringEnumConverter<>));

    /// <summary>The types that hold any value.</summary>
    private static PackConverter? TryCreateAny(Type type, PackSerializerOptions options) => type switch
    {
        _ when type == typeof(object) => new ObjectValueConverter(options),
        _ when type == typeof(MessagePackElement) => new ElementConverter(options),
        _ when type == typeof(JsonElement) => new JsonElementConverter(options),
        _ when type == typeof(JsonDocument) => new JsonDocumentConverter(options),
        _ when typeof(JsonNode).IsAssignableFrom(type) => Make(typeof(JsonNodeConverter<>), type, options),
        _ => null,
    };

    private static PackConverter Make(Type converter, Type argument, params object[] parameters)
        => (PackConverter)Activator.CreateInstance(converter.MakeGenericType(argument), parameters)!;
}
