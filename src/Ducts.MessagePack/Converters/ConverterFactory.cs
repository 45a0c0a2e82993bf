using System.Text.Json.Serialization;

namespace Ducts.MessagePack.Converters;

/// <summary>Picks the converter of a type.</summary>
internal static class ConverterFactory
{
    public static MessagePackConverter Create(Type type, MessagePackSerializerOptions options)
    {
        if (type.IsByRefLike || type.IsByRef || type.IsPointer || type.ContainsGenericParameters || type == typeof(void))
            throw new ArgumentException($"No value can be of type {type}.", nameof(type));
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Make(typeof(NullableConverter<>), [underlying], options.GetConverter(underlying));

        return ScalarConverters.TryCreate(type, options)
            ?? Make(typeof(UnsupportedConverter<>), [type], $"Values of type {type} have no form in MessagePack.");
    }

    public static bool ReadsNumbersFromStrings(MessagePackSerializerOptions options)
        => (options.Json.NumberHandling & JsonNumberHandling.AllowReadingFromString) != 0;

    private static MessagePackConverter Make(Type converter, Type[] arguments, params object[] parameters)
        => (MessagePackConverter)Activator.CreateInstance(converter.MakeGenericType(arguments), parameters)!;
}
