using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>Finds what a type is made from, by the contract System.Text.Json has for it.</summary>
internal sealed class ArgumentKinds(JsonSerializerOptions json)
{
    public ArgumentKind Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(object) || HoldsNull(type) || type == typeof(JsonNode) || type == typeof(JsonDocument))
            return ArgumentKind.Any;

        // The contracts of simple types need not be asked for; most arguments are of these.
        if (Type.GetTypeCode(type) != TypeCode.Object || type.IsEnum || IsBytes(type) || IsFrameworkValue(type))
            return ArgumentKind.Scalar;
        return json.GetTypeInfo(type).Kind switch
        {
            JsonTypeInfoKind.Enumerable => ArgumentKind.List,
            JsonTypeInfoKind.Dictionary => ArgumentKind.Dictionary,
            JsonTypeInfoKind.Object => ArgumentKind.Record,
            _ => type == typeof(JsonArray) ? ArgumentKind.List : type == typeof(JsonObject) ? ArgumentKind.Dictionary : ArgumentKind.Scalar,
        };
    }

    /// <summary>Whether the type has a null of its own, though it is a value type.</summary>
    public static bool HoldsNull(Type type) => type == typeof(JsonElement) || type == typeof(MessagePackElement);

    /// <summary>Whether a record takes any of an argument's names as the name of a member.</summary>
    public bool HasMember(Type record, ArgumentName name)
    {
        var comparison = json.PropertyNameCaseInsensitive ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return json.GetTypeInfo(Nullable.GetUnderlyingType(record) ?? record).Properties.Any(property =>
            property.IsExtensionData || name.Forms.Any(form => string.Equals(form, property.Name, comparison)));
    }

    /// <summary>What a null is told that stands where a reference is never null; null for value types, whose converters know.</summary>
    public static string? ExpectedBy(Type type, ArgumentKind kind) => kind switch
    {
        _ when type.IsValueType => null,
        _ when type == typeof(string) => "a string",
        _ when IsBytes(type) => "bytes",
        ArgumentKind.List => "an array",
        ArgumentKind.Dictionary or ArgumentKind.Record => "a map",
        _ => "a value",
    };

    /// <summary>Whether values of the type are bytes in memory.</summary>
    public static bool IsBytes(Type type) => type == typeof(byte[]) || type == typeof(ReadOnlyMemory<byte>) || type == typeof(Memory<byte>);

    // Guid, TimeSpan, BigInteger and their kind. Of some, System.Text.Json knows nothing but that they have properties.
    private static bool IsFrameworkValue(Type type) =>
        type is { IsValueType: true, IsGenericType: false, Namespace: "System" or "System.Numerics" };
}

/// <summary>What a type is made from, which says when it may be the whole data.</summary>
internal enum ArgumentKind
{
    /// <summary>A string, a number, bytes, or anything else that is one value.</summary>
    Scalar,

    /// <summary>Made from an array.</summary>
    List,

    /// <summary>Made from a map of any names.</summary>
    Dictionary,

    /// <summary>Made from a map of the names it declares.</summary>
    Record,

    /// <summary>Holds any value.</summary>
    Any,
}
