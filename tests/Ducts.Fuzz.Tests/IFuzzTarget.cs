namespace Ducts.Fuzz;

/// <summary>Reads bytes of a stranger, and checks what must hold whatever they are.</summary>
internal interface IFuzzTarget
{
    /// <summary>Gets the name, by which <c>eng/fuzz</c> knows it.</summary>
    string Name { get; }

    /// <summary>Gets inputs that are good, or nearly: others are made of them.</summary>
    IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Runs an input. It throws when something does not hold.</summary>
    void Run(ReadOnlySpan<byte> input);
}
