using Ducts.Dispatch.Binding.Parameters;
using Ducts.Dispatch.Binding.Results;

namespace Ducts.Dispatch.Binding.Invokers;

/// <summary>Calls a method of five parameters; nothing is boxed.</summary>
internal sealed class HandlerInvoker<T1, T2, T3, T4, T5, TResult>(InvokerParts parts) : HandlerInvoker
{
    private readonly Func<T1, T2, T3, T4, T5, TResult> _call = parts.Call as Func<T1, T2, T3, T4, T5, TResult> ?? Returning((Action<T1, T2, T3, T4, T5>)parts.Call);
    private readonly ArgumentPlan _plan = parts.Plan;
    private readonly Parameter<T1> _first = (Parameter<T1>)parts.Parameters[0];
    private readonly Parameter<T2> _second = (Parameter<T2>)parts.Parameters[1];
    private readonly Parameter<T3> _third = (Parameter<T3>)parts.Parameters[2];
    private readonly Parameter<T4> _fourth = (Parameter<T4>)parts.Parameters[3];
    private readonly Parameter<T5> _fifth = (Parameter<T5>)parts.Parameters[4];
    private readonly ResultWriter<TResult> _result = (ResultWriter<TResult>)parts.Result;

    public override void Invoke(ref Invocation invocation)
    {
        Span<int> offsets = stackalloc int[5];
        var frame = new ArgumentFrame(invocation, offsets);
        if (!frame.TryLocate(_plan)
            || !_first.TryGet(ref frame, out var first)
            || !_second.TryGet(ref frame, out var second)
            || !_third.TryGet(ref frame, out var third)
            || !_fourth.TryGet(ref frame, out var fourth)
            || !_fifth.TryGet(ref frame, out var fifth))
        {
            return;
        }

        _result.Write(invocation.Target, _call(first, second, third, fourth, fifth));
    }

    private static Func<T1, T2, T3, T4, T5, TResult> Returning(Action<T1, T2, T3, T4, T5> call) => (first, second, third, fourth, fifth) =>
    {
        call(first, second, third, fourth, fifth);
        return default!;
    };
}
