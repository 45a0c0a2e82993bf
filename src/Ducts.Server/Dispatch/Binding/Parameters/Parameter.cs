namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>Gets the value of one parameter of a handler.</summary>
// Threading: immutable.
internal abstract class Parameter
{
    /// <summary>As <see cref="Parameter{T}.TryGet"/>, for handlers with more parameters than have an invoker of their own.</summary>
    public abstract bool TryGetObject(ref ArgumentFrame frame, out object? value);
}

/// <inheritdoc cref="Parameter"/>
/// <typeparam name="T">The parameter's type.</typeparam>
internal abstract class Parameter<T> : Parameter
{
    /// <summary>Gets the value; false when there is none that fits, which the target has then been told.</summary>
    public abstract bool TryGet(ref ArgumentFrame frame, out T value);

    public sealed override bool TryGetObject(ref ArgumentFrame frame, out object? value)
    {
        var got = TryGet(ref frame, out var typed);
        value = typed;
        return got;
    }
}
