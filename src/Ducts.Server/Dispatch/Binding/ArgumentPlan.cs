using Ducts.Dispatch.Binding.Parameters;

namespace Ducts.Dispatch.Binding;

/// <summary>How a handler's arguments lie in a request's data.</summary>
/// <param name="names">The arguments in order; given parameters are none.</param>
// Threading: immutable.
internal sealed class ArgumentPlan(ArgumentName[] names)
{
    public int Count => names.Length;

    public WholeData Whole { get; init; }

    /// <summary>The last argument is a <c>params</c> list and takes the rest of an array.</summary>
    public bool HasTail { get; init; }

    /// <summary>A parameter marked <see cref="ExtraAttribute"/> takes the names that no argument has.</summary>
    public bool HasExtra { get; init; }

    /// <summary>The handler reads the data itself, through <see cref="DuctsEvent.Data"/>: any data is good.</summary>
    public bool TakesAnything { get; init; }

    public ArgumentName this[int index] => names[index];

    /// <summary>The argument of a name, or -1.</summary>
    /// <param name="utf8">The name as the request has it.</param>
    /// <param name="hint">Where to look first; clients mostly write arguments in order.</param>
    public int Find(ReadOnlySpan<byte> utf8, int hint)
    {
        if (hint < names.Length && names[hint].Matches(utf8))
            return hint;
        for (var i = 0; i < names.Length; i++)
        {
            if (i != hint && names[i].Matches(utf8))
                return i;
        }

        return -1;
    }
}
