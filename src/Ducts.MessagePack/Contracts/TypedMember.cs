using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Contracts;

/// <summary>A member whose type is known, so that its values are not boxed.</summary>
internal sealed class TypedMember<TOwner, TValue>(MemberShape shape, PackSerializerOptions options, Accessor<TOwner, TValue> accessor)
    : Member<TOwner>(shape.Name, shape.Index, shape.IsRequired)
{
    private PackConverter<TValue>? _converter = (PackConverter<TValue>?)shape.Converter;

    public override bool CanWrite => accessor.HasGetter && shape.Condition != IgnoreCondition.Always;

    public override bool CanRead => (accessor.HasSetter || ParameterIndex >= 0) && shape.IsReadable;

    public override bool IsConditional => shape.Condition is not IgnoreCondition.Never || shape.ShouldWrite is not null;

    private PackConverter<TValue> Converter => _converter ??= options.GetConverter<TValue>();

    public override bool IsWritten(ref TOwner owner)
    {
        var value = accessor.Get(ref owner);
        var written = shape.Condition switch
        {
            IgnoreCondition.WhenNull => value is not null,
            IgnoreCondition.WhenDefault => !EqualityComparer<TValue>.Default.Equals(value, default),
            _ => true,
        };
        return written && (shape.ShouldWrite is null || shape.ShouldWrite(owner!, value));
    }

    public override void Write(ref PackWriter writer, ref TOwner owner) => Converter.Write(ref writer, accessor.Get(ref owner));

    public override bool TryRead(ref PackReader reader, ref TOwner owner, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        if (!TryReadValue(ref reader, out var value, out error))
            return false;
        accessor.Set(ref owner, value);
        return true;
    }

    public override bool TryReadInto(Slot slot, ref PackReader reader, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        if (!TryReadValue(ref reader, out var value, out error))
            return false;
        ((Slot<TValue>)slot).Value = value;
        slot.IsSet = true;
        return true;
    }

    public override Slot CreateSlot() => new Slot<TValue>(Initial());

    public override void Apply(Slot slot, ref TOwner owner) => accessor.Set(ref owner, ((Slot<TValue>)slot).Value!);

    private bool TryReadValue(ref PackReader reader, [MaybeNullWhen(false)] out TValue value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        var start = reader;
        if (!Converter.TryRead(ref reader, out value, out error))
        {
            error = error.Within(Name);
            return false;
        }

        if (!shape.RefusesNull || value is not null)
            return true;
        error = MessagePackReadError.At(start, "a value").Within(Name);
        return false;
    }

    private TValue? Initial() => shape.Initial switch
    {
        TValue value => value,
        { } number when typeof(TValue).IsEnum => (TValue)Enum.ToObject(typeof(TValue), number),
        _ => default,
    };
}
