namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>How a handler's arguments lie in a request's data.</summary>
/// <param name="names">The arguments in order; given parameters are none.</param>
// Threading: immutable.
internal sealed class ArgumentPlan(ArgumentName[] names)
{
    public int Count => names.Length;

    /// <summary>The names as messages have them.</summary>
    public IEnumerable<string> Names => names.Select(name => name.Text);

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

/// <summary>Whether a handler's only argument may be the whole data, rather than a part of it.</summary>
internal enum WholeData
{
    /// <summary>Several arguments, or one of a scalar type: data is taken apart.</summary>
    Never,

    /// <summary>One argument of a list type: an array is the argument.</summary>
    Arrays,

    /// <summary>One argument of a record or class type: a map is the argument, unless its only name is the argument's.</summary>
    MapsUnlessWrapped,

    /// <summary>One argument of a dictionary type: a map is the argument.</summary>
    Maps,

    /// <summary>One argument that takes any value: the data is the argument, null too.</summary>
    Always,
}
