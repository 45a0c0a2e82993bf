namespace Ducts.Dispatch.Binding;

/// <summary>One call of a handler: what the request brought, and who takes the result.</summary>
/// <param name="data">The request's data: one validated MessagePack value, valid only while the call runs.</param>
/// <param name="target">Gives parameters and takes the result.</param>
internal readonly ref struct Invocation(ReadOnlySpan<byte> data, IInvocationTarget target)
{
    public readonly ReadOnlySpan<byte> Data = data;
    public readonly IInvocationTarget Target = target;
}
