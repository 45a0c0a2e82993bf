using System.Reflection;
using System.Reflection.Emit;
using System.Text.Json.Serialization.Metadata;

namespace Ducts.MessagePack.Contracts;

/// <summary>A constructor that takes members as its parameters, called without boxing them.</summary>
internal sealed class ParameterizedConstructor<T>
{
    private readonly Func<Slot[], T> _invoke;
    private readonly Member<T>[] _members;

    // One set of slots is kept for the next object; a type inside itself, or another thread, makes its own.
    private Slot[]? _idle;

    private ParameterizedConstructor(Func<Slot[], T> invoke, Member<T>[] members)
    {
        _invoke = invoke;
        _members = members;
    }

    /// <summary>The constructor the contract names, null when it has none or a parameter that is no member.</summary>
    public static ParameterizedConstructor<T>? Find(JsonTypeInfo<T> info, Member<T>[] members)
    {
        if (info.ConstructorAttributeProvider is not ConstructorInfo constructor)
            return null;
        var parameters = constructor.GetParameters();
        var memberOf = new int[parameters.Length];
        Array.Fill(memberOf, -1);
        foreach (var member in members)
        {
            if (member.ParameterIndex >= 0)
                memberOf[member.ParameterIndex] = member.Index;
        }

        return Array.IndexOf(memberOf, -1) >= 0 ? null : new ParameterizedConstructor<T>(Emit(constructor, parameters, memberOf), members);
    }

    public T Invoke(Slot[] slots) => _invoke(slots);

    public Slot[] RentSlots() => Interlocked.Exchange(ref _idle, null) ?? Array.ConvertAll(_members, static member => member.CreateSlot());

    public void ReturnSlots(Slot[] slots)
    {
        foreach (var slot in slots)
            slot.Reset();
        _idle = slots;
    }

    private static Func<Slot[], T> Emit(ConstructorInfo constructor, ParameterInfo[] parameters, int[] memberOf)
    {
        var method = new DynamicMethod($"New{typeof(T).Name}", typeof(T), [typeof(Slot[])], typeof(T).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        for (var i = 0; i < parameters.Length; i++)
        {
            var slot = typeof(Slot<>).MakeGenericType(parameters[i].ParameterType);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, memberOf[i]);
            il.Emit(OpCodes.Ldelem_Ref);
            il.Emit(OpCodes.Castclass, slot);
            il.Emit(OpCodes.Ldfld, slot.GetField(nameof(Slot<>.Value))!);
        }

        il.Emit(OpCodes.Newobj, constructor);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<Slot[], T>>();
    }
}
