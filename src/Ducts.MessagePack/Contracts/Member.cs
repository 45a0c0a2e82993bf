using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ducts.MessagePack.Contracts;

/// <summary>A property or field of a type, as the contract has it.</summary>
internal abstract class Member<TOwner>
{
    protected Member(string name, int index, bool isRequired)
    {
        Name = name;
        Utf8Name = Encoding.UTF8.GetBytes(name);
        PackedName = PackSerializer.Serialize(name);
        Index = index;
        IsRequired = isRequired;
    }

    /// <summary>The name on the wire.</summary>
    public string Name { get; }

    public byte[] Utf8Name { get; }

    public byte[] PackedName { get; }

    public int Index { get; }

    public bool IsRequired { get; }

    /// <summary>The position among the constructor's parameters, -1 for none.</summary>
    public int ParameterIndex { get; init; } = -1;

    public abstract bool CanWrite { get; }

    public abstract bool CanRead { get; }

    /// <summary>Whether it is left out for some values.</summary>
    public abstract bool IsConditional { get; }

    public abstract bool IsWritten(ref TOwner owner);

    public abstract void Write(ref PackWriter writer, ref TOwner owner);

    public abstract bool TryRead(ref PackReader reader, ref TOwner owner, [NotNullWhen(false)] out MessagePackReadError? error);

    public abstract bool TryReadInto(Slot slot, ref PackReader reader, [NotNullWhen(false)] out MessagePackReadError? error);

    public abstract Slot CreateSlot();

    public abstract void Apply(Slot slot, ref TOwner owner);
}
