using Ducts.Dispatch.Binding.Parameters;
using Ducts.Dispatch.Binding.Results;

namespace Ducts.Dispatch.Binding.Invokers;

/// <summary>Calls a method of one parameter; nothing is boxed.</summary>
internal sealed class HandlerInvoker<T1, TResult>(InvokerParts parts) : HandlerInvoker
{
    private readonly Func<T1, TResult> _call = parts.Call as Func<T1, TResult> ?? Returning((Action<T1>)parts.Call);
    private readonly ArgumentPlan _plan = parts.Plan;
    private readonly Parameter<T1> _first = (Parameter<T1>)parts.Parameters[0];
    private readonly ResultWriter<TResult> _result = (ResultWriter<TResult>)parts.Result;

    public override void Invoke(ref Invocation invocation)
    {
        Span<int> offsets = stackalloc int[1];
        var frame = new ArgumentFrame(invocation, offsets);
        if (!frame.TryLocate(_plan) || !_first.TryGet(ref frame, out var first))
            return;
        _result.Write(invocation.Target, _call(first));
    }

    private static Func<T1, TResult> Returning(Action<T1> call) => first =>
    {
        call(first);
        return default!;
    };
}
