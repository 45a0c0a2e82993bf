using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding;

/// <summary>An invoker that is made when the first request wants it.</summary>
/// <param name="signature">What to call; without problems.</param>
/// <param name="handler">The handler's instance, or the delegate itself.</param>
/// <param name="options">How values are converted.</param>
// Threading: two first requests may each make an invoker; one of them is kept, either is good.
internal sealed class LazyHandlerInvoker(HandlerSignature signature, object handler, MessagePackSerializerOptions options) : HandlerInvoker
{
    private HandlerInvoker? _invoker;

    public HandlerInvoker Invoker => _invoker ?? Make();

    public override void Invoke(ref Invocation invocation) => Invoker.Invoke(ref invocation);

    private HandlerInvoker Make()
    {
        var made = new HandlerInvokerFactory(options).Create(signature, handler);
        return Interlocked.CompareExchange(ref _invoker, made, null) ?? made;
    }
}
