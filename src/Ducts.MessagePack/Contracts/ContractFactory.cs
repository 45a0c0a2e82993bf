using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Ducts.MessagePack.Converters;

namespace Ducts.MessagePack.Contracts;

/// <summary>Makes converters from the contracts of System.Text.Json.</summary>
internal static class ContractFactory
{
    public static PackConverter<T?> Create<T>(PackSerializerOptions options)
    {
        if (typeof(ITuple).IsAssignableFrom(typeof(T)) && typeof(T).IsValueType)
            return new TupleConverter<T>(options);
        if (IsForbidden(typeof(T)))
            return Unsupported<T>("it has no form as data")!;
        JsonTypeInfo<T> info;
        try
        {
            info = (JsonTypeInfo<T>)options.Json.GetTypeInfo(typeof(T));
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException)
        {
            // Contradicting attributes, or a type no contract can be made for; the reason is in the message.
            return Unsupported<T>(exception.Message)!;
        }

        if (info.Kind != JsonTypeInfoKind.Object || NeedsJson(info, options.Json))
            return new JsonFallbackConverter<T>(options, options.FallbackJson);
        return info.PolymorphismOptions is { } polymorphism
            ? new PolymorphicConverter<T>(info, polymorphism, options)
            : new ContractConverter<T>(info, options);
    }

    // What System.Text.Json refuses by name too.
    private static bool IsForbidden(Type type)
        => typeof(Delegate).IsAssignableFrom(type) || typeof(MemberInfo).IsAssignableFrom(type) || typeof(Task).IsAssignableFrom(type);

    private static UnsupportedConverter<T> Unsupported<T>(string reason) => new($"A value of type {typeof(T)} cannot be packed: {reason}.");

    /// <summary>Whether the contract asks for what only System.Text.Json does.</summary>
    private static bool NeedsJson(JsonTypeInfo info, JsonSerializerOptions json)
    {
        if (json.ReferenceHandler is not null || info.NumberHandling is not null)
            return true;
        if (info.PreferredPropertyObjectCreationHandling == JsonObjectCreationHandling.Populate
            || json.PreferredObjectCreationHandling == JsonObjectCreationHandling.Populate)
        {
            return true;
        }

        foreach (var property in info.Properties)
        {
            if (property.ObjectCreationHandling == JsonObjectCreationHandling.Populate)
                return true;
        }

        return false;
    }
}
