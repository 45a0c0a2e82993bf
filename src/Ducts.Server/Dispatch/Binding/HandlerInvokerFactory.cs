using System.Reflection;
using Ducts.Dispatch.Binding.Invokers;
using Ducts.Dispatch.Binding.Parameters;
using Ducts.Dispatch.Binding.Results;
using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding;

/// <summary>Makes the invoker of a signature.</summary>
internal sealed class HandlerInvokerFactory(MessagePackSerializerOptions options)
{
    private static readonly Type[] Invokers =
    [
        typeof(HandlerInvoker<>), typeof(HandlerInvoker<,>), typeof(HandlerInvoker<,,>), typeof(HandlerInvoker<,,,>),
        typeof(HandlerInvoker<,,,,>), typeof(HandlerInvoker<,,,,,>), typeof(HandlerInvoker<,,,,,,>),
    ];

    private static readonly Type[] Functions =
    [
        typeof(Func<>), typeof(Func<,>), typeof(Func<,,>), typeof(Func<,,,>), typeof(Func<,,,,>), typeof(Func<,,,,,>), typeof(Func<,,,,,,>),
    ];

    private static readonly Type[] Actions =
    [
        typeof(Action), typeof(Action<>), typeof(Action<,>), typeof(Action<,,>), typeof(Action<,,,>), typeof(Action<,,,,>), typeof(Action<,,,,,>),
    ];

    private readonly ParameterFactory _parameters = new(options);
    private readonly ResultWriterFactory _results = new(options);

    /// <summary>Makes it.</summary>
    /// <param name="signature">A signature without problems.</param>
    /// <param name="handler">The handler's instance, or the delegate the signature is of.</param>
    public HandlerInvoker Create(HandlerSignature signature, object handler)
    {
        if (signature.Problems.Count > 0)
            throw new ArgumentException($"The handler cannot be called: {signature.Problems[0]}.", nameof(signature));
        if (signature.Method is not { } method)
            return new AbsentInvoker();
        var plan = _parameters.Plan(signature.Parameters);
        var parameters = _parameters.Create(signature.Parameters, plan);
        var result = _results.Create(method.ReturnType);
        if (parameters.Length >= Invokers.Length)
            return General(method, handler, plan, parameters, result);

        var types = signature.Parameters.Select(each => each.Type).ToArray();
        var call = Call(method, handler, types);
        Type[] all = [.. types, method.ReturnType == typeof(void) ? typeof(Nothing) : method.ReturnType];
        var invoker = Invokers[types.Length].MakeGenericType(all);
        return (HandlerInvoker)Activator.CreateInstance(invoker, new InvokerParts(call, plan, parameters, result))!;
    }

    private static GeneralInvoker General(MethodInfo method, object handler, ArgumentPlan plan, Parameter[] parameters, ResultWriter result) =>
        handler is Delegate function
            ? new(InvokeOf(function), function, plan, parameters, result)
            : new(method, method.IsStatic ? null : handler, plan, parameters, result);

    private static Delegate Call(MethodInfo method, object handler, Type[] types)
    {
        var type = method.ReturnType != typeof(void) ? Functions[types.Length].MakeGenericType([.. types, method.ReturnType])
            : types.Length == 0 ? Actions[0]
            : Actions[types.Length].MakeGenericType(types);
        if (handler is Delegate function)
            return function.GetType() == type ? function : Delegate.CreateDelegate(type, function, InvokeOf(function));
        return method.IsStatic ? method.CreateDelegate(type) : method.CreateDelegate(type, handler);
    }

    private static MethodInfo InvokeOf(Delegate function) => function.GetType().GetMethod("Invoke")!;
}
