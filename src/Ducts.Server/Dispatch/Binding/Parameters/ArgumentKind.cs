namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>What a type is made from, which says when it may be the whole data.</summary>
internal enum ArgumentKind
{
    /// <summary>A string, a number, bytes, or anything else that is one value.</summary>
    Scalar,

    /// <summary>Made from an array.</summary>
    List,

    /// <summary>Made from a map of any names.</summary>
    Dictionary,

    /// <summary>Made from a map of the names it declares.</summary>
    Record,

    /// <summary>Holds any value.</summary>
    Any,
}
