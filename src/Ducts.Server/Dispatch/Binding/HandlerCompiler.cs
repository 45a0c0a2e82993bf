using System.Linq.Expressions;
using System.Reflection;
using Ducts.Dispatch.Binding.Parameters;
using Ducts.Dispatch.Binding.Results;
using Ducts.MessagePack;
using Ducts.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Dispatch.Binding;

/// <summary>Reads a handler's arguments, calls it and hands its result to the frame's target.</summary>
internal delegate void HandlerCall(ref ArgumentFrame frame);

/// <summary>
/// Compiles the call of a handler: what one would write by hand for its parameters' types, so nothing is boxed and
/// nothing is looked up. Of a handler <c>double Handle(int count, CancellationToken token)</c> it makes
/// <code>
/// if (frame.TryLocate(plan) &amp;&amp; countArgument.TryGet(ref frame, out var count))
///     doubleWriter.Write(frame.Target, handler.Handle(count, frame.Target.GetCancellationToken()));
/// </code>
/// </summary>
// The compiled code holds the handler and its types for as long as the delegate lives, and no longer: handlers unload.
internal sealed class HandlerCompiler(PackSerializerOptions options)
{
    private readonly ParameterExpression _frame = Expression.Parameter(typeof(ArgumentFrame).MakeByRefType(), "frame");

    /// <summary>Compiles it.</summary>
    /// <param name="signature">A signature without problems.</param>
    /// <param name="handler">The handler's instance, or the delegate the signature is of.</param>
    public HandlerCall Compile(HandlerSignature signature, object handler)
    {
        if (signature.Problems.Count > 0)
            throw new ArgumentException($"The handler cannot be called: {signature.Problems[0]}.", nameof(signature));
        if (signature.Method is not { } method)
            return static (ref frame) => frame.Fail(ErrorNames.NotImplemented, "this event answers no requests, only its Web API does");

        var arguments = new ArgumentFactory(options, signature.Parameters);
        var variables = new List<ParameterExpression>();
        Expression fits = Expression.Call(_frame, nameof(ArgumentFrame.TryLocate), null, Expression.Constant(arguments.Plan));
        Expression ValueOf(ParameterShape shape)
        {
            if (Given(shape) is { } given)
                return given;
            var argument = Expression.Constant(arguments.Create(shape));
            var variable = Expression.Variable(shape.Type, shape.Info.Name);
            variables.Add(variable);
            fits = Expression.AndAlso(fits, Expression.Call(argument, nameof(Argument<>.TryGet), null, _frame, variable));
            return variable;
        }

        Expression[] values = [.. signature.Parameters.Select(ValueOf)];
        var body = Expression.Block(variables, Expression.IfThen(fits, Reply(Call(method, handler, values), method.ReturnType)));
        return Expression.Lambda<HandlerCall>(body, _frame).Compile();
    }

    private MemberExpression Target => Expression.Field(_frame, nameof(ArgumentFrame.Target));

    private MemberExpression Services => Expression.Property(Target, nameof(IInvocationTarget.Services));

    private static Expression Call(MethodInfo method, object? handler, Expression[] values)
    {
        if (handler is Delegate function)
        {
            // Most delegates are a method and its instance, which are called directly. Those that are more stay delegates:
            // several methods, code made at run time, and the first argument of a static method.
            handler = function.Target;
            if (!function.HasSingleTarget || method.DeclaringType is null || handler is ValueType || (method.IsStatic && handler is not null))
                return Expression.Invoke(Expression.Constant(function), values);
        }

        return Expression.Call(method.IsStatic ? null : Expression.Constant(handler), method, values);
    }

    /// <summary>The value of a parameter that does not come from the data; else null.</summary>
    private Expression? Given(ParameterShape shape) => shape.Source switch
    {
        ParameterSource.Event => Expression.Call(Target, nameof(IInvocationTarget.GetEvent), null),
        ParameterSource.Session => Expression.Call(Target, nameof(IInvocationTarget.GetSession), null),
        ParameterSource.CancellationToken => Expression.Call(Target, nameof(IInvocationTarget.GetCancellationToken), null),
        ParameterSource.Redis => Expression.Property(Target, nameof(IInvocationTarget.Redis)),
        ParameterSource.User => Expression.Property(Target, nameof(IInvocationTarget.User)),
        ParameterSource.Services => Services,
        ParameterSource.Service => Expression.Call(
            typeof(ServiceProviderServiceExtensions),
            shape.IsOptional ? nameof(ServiceProviderServiceExtensions.GetService) : nameof(ServiceProviderServiceExtensions.GetRequiredService),
            [shape.Type],
            Services),
        ParameterSource.KeyedService => Expression.Call(
            typeof(ServiceProviderKeyedServiceExtensions),
            shape.IsOptional ? nameof(ServiceProviderKeyedServiceExtensions.GetKeyedService) : nameof(ServiceProviderKeyedServiceExtensions.GetRequiredKeyedService),
            [shape.Type],
            Services,
            Expression.Constant(shape.Info.GetCustomAttribute<FromKeyedServicesAttribute>()!.Key, typeof(object))),
        _ => null,
    };

    private Expression Reply(Expression call, Type result) => result == typeof(void)
        ? Expression.Block(call, Expression.Call(Target, nameof(IInvocationTarget.ReplyNull), null))
        : Expression.Call(Expression.Constant(new ResultWriterFactory(options).Create(result)), nameof(ResultWriter<>.Write), null, Target, call);
}
