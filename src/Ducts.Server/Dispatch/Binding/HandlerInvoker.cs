namespace Ducts.Dispatch.Binding;

/// <summary>Binds a request's data to a handler's parameters, calls it and hands on what it returned.</summary>
// Threading: calls run concurrently.
internal abstract class HandlerInvoker
{
    /// <summary>
    /// Runs one call up to the point where the handler has returned. Arguments that do not fit are reported through
    /// <see cref="IInvocationTarget.Fail"/>; what the handler throws before it returns is thrown.
    /// </summary>
    public abstract void Invoke(ref Invocation invocation);
}

/// <summary>One call of a handler: what the request brought, and who takes the result.</summary>
/// <param name="data">The request's data: one validated MessagePack value, valid only while the call runs.</param>
/// <param name="target">Gives parameters and takes the result.</param>
internal readonly ref struct Invocation(ReadOnlySpan<byte> data, IInvocationTarget target)
{
    public readonly ReadOnlySpan<byte> Data = data;
    public readonly IInvocationTarget Target = target;
}
