namespace Ducts.Dispatch.Binding;

/// <summary>Binds a request's data to a handler's parameters, calls it and hands on what it returned.</summary>
// Threading: immutable; calls run concurrently.
internal abstract class HandlerInvoker
{
    /// <summary>
    /// Runs one call up to the point where the handler has returned. Arguments that do not fit are reported through
    /// <see cref="IInvocationTarget.Fail"/>; what the handler throws before it returns is thrown.
    /// </summary>
    public abstract void Invoke(ref Invocation invocation);
}
