using Ducts.Dispatch.Binding.Results;

namespace Ducts.Dispatch.Binding.Invokers;

/// <summary>Calls a method of no parameters; nothing is boxed.</summary>
internal sealed class HandlerInvoker<TResult>(InvokerParts parts) : HandlerInvoker
{
    private readonly Func<TResult> _call = parts.Call as Func<TResult> ?? Returning((Action)parts.Call);
    private readonly ArgumentPlan _plan = parts.Plan;
    private readonly ResultWriter<TResult> _result = (ResultWriter<TResult>)parts.Result;

    public override void Invoke(ref Invocation invocation)
    {
        var frame = new ArgumentFrame(invocation, []);
        if (!frame.TryLocate(_plan))
            return;
        _result.Write(invocation.Target, _call());
    }

    private static Func<TResult> Returning(Action call) => () =>
    {
        call();
        return default!;
    };
}
