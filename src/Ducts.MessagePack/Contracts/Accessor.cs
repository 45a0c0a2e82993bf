using System.Reflection;
using System.Reflection.Emit;
using System.Text.Json.Serialization.Metadata;

namespace Ducts.MessagePack.Contracts;

/// <summary>Gets and sets a member without boxing where the contract was made by reflection, and as the contract says otherwise.</summary>
internal sealed class Accessor<TOwner, TValue>
{
    private delegate TValue RefGetter(ref TOwner owner);

    private delegate void RefSetter(ref TOwner owner, TValue value);

    private readonly Func<TOwner, TValue>? _get;
    private readonly Action<TOwner, TValue>? _set;
    private readonly RefGetter? _getByRef;
    private readonly RefSetter? _setByRef;

    /// <summary>An accessor by the contract's own delegates.</summary>
    public Accessor(JsonPropertyInfo property)
    {
        HasGetter = property.Get is not null;
        HasSetter = property.Set is not null;
        if (property.Get is { } get)
            _getByRef = (ref TOwner owner) => (TValue)get(owner!)!;
        if (property.Set is { } set)
        {
            _setByRef = (ref TOwner owner, TValue value) =>
            {
                // A struct is boxed, set inside its box, and taken out again.
                object boxed = owner!;
                set(boxed, value);
                owner = (TOwner)boxed;
            };
        }
    }

    /// <summary>An accessor by delegates on the property's methods.</summary>
    public Accessor(PropertyInfo property, bool hasGetter, bool hasSetter)
    {
        HasGetter = hasGetter;
        HasSetter = hasSetter;
        if (hasGetter)
        {
            var getter = property.GetGetMethod(nonPublic: true)!;
            if (typeof(TOwner).IsValueType)
                _getByRef = getter.CreateDelegate<RefGetter>();
            else
                _get = getter.CreateDelegate<Func<TOwner, TValue>>();
        }

        if (hasSetter)
        {
            var setter = property.GetSetMethod(nonPublic: true)!;
            if (typeof(TOwner).IsValueType)
                _setByRef = setter.CreateDelegate<RefSetter>();
            else
                _set = setter.CreateDelegate<Action<TOwner, TValue>>();
        }
    }

    /// <summary>An accessor by delegates that load and store the field.</summary>
    public Accessor(FieldInfo field, bool hasGetter, bool hasSetter)
    {
        HasGetter = hasGetter;
        HasSetter = hasSetter;
        if (hasGetter)
            _getByRef = EmitGetter(field);
        if (hasSetter)
            _setByRef = EmitSetter(field);
    }

    public bool HasGetter { get; }

    public bool HasSetter { get; }

    public TValue Get(ref TOwner owner) => _get is not null ? _get(owner) : _getByRef!(ref owner);

    public void Set(ref TOwner owner, TValue value)
    {
        if (_set is not null)
            _set(owner, value);
        else
            _setByRef!(ref owner, value);
    }

    private static RefGetter EmitGetter(FieldInfo field)
    {
        var method = new DynamicMethod($"Get{field.Name}", typeof(TValue), [typeof(TOwner).MakeByRefType()], typeof(TOwner).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        if (!typeof(TOwner).IsValueType)
            il.Emit(OpCodes.Ldind_Ref);
        il.Emit(OpCodes.Ldfld, field);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<RefGetter>();
    }

    private static RefSetter EmitSetter(FieldInfo field)
    {
        var method = new DynamicMethod($"Set{field.Name}", null, [typeof(TOwner).MakeByRefType(), typeof(TValue)], typeof(TOwner).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        if (!typeof(TOwner).IsValueType)
            il.Emit(OpCodes.Ldind_Ref);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Stfld, field);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<RefSetter>();
    }
}
