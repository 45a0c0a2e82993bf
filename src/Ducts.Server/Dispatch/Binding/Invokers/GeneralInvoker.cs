using System.Reflection;
using Ducts.Dispatch.Binding.Parameters;
using Ducts.Dispatch.Binding.Results;

namespace Ducts.Dispatch.Binding.Invokers;

/// <summary>Calls methods with more parameters than there are invokers of their own for; boxes every value.</summary>
internal sealed class GeneralInvoker(MethodInfo method, object? instance, ArgumentPlan plan, Parameter[] parameters, ResultWriter result) : HandlerInvoker
{
    private readonly MethodInvoker _method = MethodInvoker.Create(method);

    public override void Invoke(ref Invocation invocation)
    {
        var frame = new ArgumentFrame(invocation, new int[plan.Count]);
        if (!frame.TryLocate(plan))
            return;
        var values = new object?[parameters.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (!parameters[i].TryGetObject(ref frame, out values[i]))
                return;
        }

        var returned = _method.Invoke(instance, values.AsSpan());
        result.WriteObject(invocation.Target, method.ReturnType == typeof(void) ? default(Nothing) : returned);
    }
}
