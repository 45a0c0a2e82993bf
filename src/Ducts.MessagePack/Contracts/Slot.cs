namespace Ducts.MessagePack.Contracts;

/// <summary>Holds a member's value, unboxed, between reading it and the constructor that takes it.</summary>
internal abstract class Slot
{
    public bool IsSet { get; set; }

    /// <summary>Forgets the value, for the next object.</summary>
    public abstract void Reset();
}

/// <summary>Holds a member's value of one type.</summary>
/// <param name="initial">What the member has when the data does not bring it: a parameter's default.</param>
internal sealed class Slot<T>(T? initial) : Slot
{
    private readonly T? _initial = initial;

    // A field, as the constructor's delegate loads it.
    public T? Value = initial;

    public override void Reset()
    {
        Value = _initial;
        IsSet = false;
    }
}
