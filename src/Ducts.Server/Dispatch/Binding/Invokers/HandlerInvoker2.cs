using Ducts.Dispatch.Binding.Parameters;
using Ducts.Dispatch.Binding.Results;

namespace Ducts.Dispatch.Binding.Invokers;

/// <summary>Calls a method of two parameters; nothing is boxed.</summary>
internal sealed class HandlerInvoker<T1, T2, TResult>(InvokerParts parts) : HandlerInvoker
{
    private readonly Func<T1, T2, TResult> _call = parts.Call as Func<T1, T2, TResult> ?? Returning((Action<T1, T2>)parts.Call);
    private readonly ArgumentPlan _plan = parts.Plan;
    private readonly Parameter<T1> _first = (Parameter<T1>)parts.Parameters[0];
    private readonly Parameter<T2> _second = (Parameter<T2>)parts.Parameters[1];
    private readonly ResultWriter<TResult> _result = (ResultWriter<TResult>)parts.Result;

    public override void Invoke(ref Invocation invocation)
    {
        Span<int> offsets = stackalloc int[2];
        var frame = new ArgumentFrame(invocation, offsets);
        if (!frame.TryLocate(_plan)
            || !_first.TryGet(ref frame, out var first)
            || !_second.TryGet(ref frame, out var second))
        {
            return;
        }

        _result.Write(invocation.Target, _call(first, second));
    }

    private static Func<T1, T2, TResult> Returning(Action<T1, T2> call) => (first, second) =>
    {
        call(first, second);
        return default!;
    };
}
