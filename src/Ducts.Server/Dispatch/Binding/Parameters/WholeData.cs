namespace Ducts.Dispatch.Binding.Parameters;

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
