using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace Ducts.MessagePack.Contracts;

/// <summary>Makes the members of a type.</summary>
internal static class MemberFactory
{
    public static Member<TOwner> Create<TOwner>(JsonPropertyInfo property, int index, PackSerializerOptions options)
    {
        var method = typeof(MemberFactory).GetMethod(nameof(CreateTyped), BindingFlags.NonPublic | BindingFlags.Static)!;
        return (Member<TOwner>)method.MakeGenericMethod(typeof(TOwner), property.PropertyType).Invoke(null, [property, index, options])!;
    }

    public static Member<TOwner> Create<TOwner>(FieldInfo field, int index, PackSerializerOptions options)
    {
        var method = typeof(MemberFactory).GetMethod(nameof(CreateField), BindingFlags.NonPublic | BindingFlags.Static)!;
        return (Member<TOwner>)method.MakeGenericMethod(typeof(TOwner), field.FieldType).Invoke(null, [field, index, options])!;
    }

    private static TypedMember<TOwner, TValue> CreateField<TOwner, TValue>(FieldInfo field, int index, PackSerializerOptions options)
        => new(new MemberShape { Name = field.Name, Index = index }, options, new Accessor<TOwner, TValue>(field, hasGetter: true, hasSetter: true));

    private static TypedMember<TOwner, TValue> CreateTyped<TOwner, TValue>(JsonPropertyInfo property, int index, PackSerializerOptions options)
        => new(MemberShape.Of(property, index, options), options, CreateAccessor<TOwner, TValue>(property, options))
        {
            ParameterIndex = property.AssociatedParameter?.Position ?? -1,
        };

    private static Accessor<TOwner, TValue> CreateAccessor<TOwner, TValue>(JsonPropertyInfo property, PackSerializerOptions options)
    {
        // Only a contract that nothing has modified is sure to do what its members do.
        var hasGetter = property.Get is not null;
        var hasSetter = property.Set is not null;
        if (options.HasPlainContracts)
        {
            if (property.AttributeProvider is PropertyInfo member && HasMethods(member, hasGetter, hasSetter))
                return new Accessor<TOwner, TValue>(member, hasGetter, hasSetter);
            if (property.AttributeProvider is FieldInfo field)
                return new Accessor<TOwner, TValue>(field, hasGetter, hasSetter);
        }

        return new Accessor<TOwner, TValue>(property);
    }

    // A struct's property that an interface declares, or half of one that a base class declares, has no method to bind to.
    private static bool HasMethods(PropertyInfo property, bool hasGetter, bool hasSetter)
        => (!hasGetter || property.GetGetMethod(nonPublic: true) is not null) && (!hasSetter || property.GetSetMethod(nonPublic: true) is not null);
}
