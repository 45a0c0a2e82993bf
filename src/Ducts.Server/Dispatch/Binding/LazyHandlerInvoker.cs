using Ducts.Dispatch.Binding.Parameters;
using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding;

/// <summary>Calls any handler, through code that is compiled for it at the first request.</summary>
/// <param name="signature">What to call; without problems.</param>
/// <param name="handler">The handler's instance, or the delegate itself.</param>
/// <param name="options">How values are converted.</param>
// Threading: two first requests may each compile the call; one result is kept, either is good.
internal sealed class LazyHandlerInvoker(HandlerSignature signature, object handler, PackSerializerOptions options) : HandlerInvoker
{
    // Of a fixed size, the room on the stack costs next to nothing.
    private const int ArgumentsOnStack = 8;

    private readonly int _arguments = signature.Arguments.Count;
    private HandlerCall? _call;

    /// <summary>The compiled call; null before the first request.</summary>
    public HandlerCall? Compiled => _call;

    public override void Invoke(ref Invocation invocation)
    {
        Span<int> offsets = stackalloc int[ArgumentsOnStack];
        offsets = _arguments <= ArgumentsOnStack ? offsets[.._arguments] : new int[_arguments];
        var frame = new ArgumentFrame(invocation, offsets);
        (_call ?? Compile())(ref frame);
    }

    private HandlerCall Compile()
    {
        var compiled = new HandlerCompiler(options).Compile(signature, handler);
        return Interlocked.CompareExchange(ref _call, compiled, null) ?? compiled;
    }
}
