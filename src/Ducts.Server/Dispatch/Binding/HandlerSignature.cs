using System.Collections;
using System.Reflection;
using Ducts.Dispatch.Binding.Parameters;
using Ducts.Dispatch.Binding.Results;

namespace Ducts.Dispatch.Binding;

/// <summary>
/// What a handler's method declares: known from cheap reflection at load, so that many handlers load fast. What binds and
/// calls it is compiled at the first request (<see cref="LazyHandlerInvoker"/>).
/// </summary>
internal sealed class HandlerSignature
{
    private HandlerSignature(MethodInfo? method, IReadOnlyList<ParameterShape> parameters, IReadOnlyList<string> problems)
    {
        Method = method;
        Parameters = parameters;
        Problems = problems;
        Arguments = new HandlerArgumentList([.. parameters.Where(each => each.Source == ParameterSource.Data)]);
    }

    /// <summary>The method; null when there is none that could be called.</summary>
    public MethodInfo? Method { get; }

    public IReadOnlyList<ParameterShape> Parameters { get; }

    /// <summary>What keeps the handler from being loaded, in words for its author; empty when nothing does.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>The arguments of a request, for documentation.</summary>
    public IReadOnlyList<HandlerArgument> Arguments { get; }

    /// <summary>The type of the reply, or of a stream's item; null when the reply is always null.</summary>
    public Type? ResultType => Method is null ? null : ResultShape.DocumentedType(Method.ReturnType);

    /// <summary>Whether a request is answered by a stream.</summary>
    public bool IsStream => Method is not null && ResultShape.Of(Method.ReturnType).IsStream;

    /// <summary>Reads what a handler class declares.</summary>
    public static HandlerSignature Of(Type handler)
    {
        var problem = HandleMethod.Find(handler, out var method);
        return problem is null ? Of(method, method?.GetParameters() ?? []) : new(null, [], [problem]);
    }

    /// <summary>Reads what a function declares.</summary>
    public static HandlerSignature Of(Delegate handler)
    {
        var parameters = handler.Method.GetParameters();

        // A delegate over an extension method's first argument has that parameter already.
        var isClosed = handler.GetType().GetMethod("Invoke")!.GetParameters().Length < parameters.Length;
        return Of(handler.Method, isClosed ? parameters[1..] : parameters);
    }

    private static HandlerSignature Of(MethodInfo? method, ParameterInfo[] infos)
    {
        if (method is null)
            return new(null, [], []);
        ParameterShape[] parameters = [.. infos.Select(info => new ParameterShape(info))];
        return new(method, parameters, [.. ProblemsOf(method, parameters)]);
    }

    private static IEnumerable<string> ProblemsOf(MethodInfo method, ParameterShape[] parameters)
    {
        if (method.ContainsGenericParameters)
            yield return $"{method.Name} is generic; a request does not say of what, so declare the types";
        if (HandleMethod.IsAsyncVoid(method))
            yield return $"{method.Name} is async void, so nobody would know when it ends; return Task";
        if (ResultShape.Problem(method.ReturnType) is { } result)
            yield return $"the result of {method.Name}: {result}";
        foreach (var parameter in parameters)
        {
            if (!method.ContainsGenericParameters && parameter.Problem() is { } problem)
                yield return $"parameter '{parameter.Info.Name}' of {method.Name}: {problem}";
        }

        if (parameters.Count(each => each.Source == ParameterSource.Extra) > 1)
            yield return $"{method.Name} has more than one parameter marked [Extra]";
        var forms = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var parameter in parameters.Where(each => each.Source == ParameterSource.Data))
        {
            var name = parameter.Info.Name ?? "";
            var taken = parameter.Name.Forms.FirstOrDefault(form => forms.ContainsKey(form));
            if (taken is not null)
                yield return $"parameters '{forms[taken]}' and '{name}' of {method.Name} are one name in a request: \"{taken}\"";
            foreach (var form in parameter.Name.Forms)
                forms.TryAdd(form, name);
        }
    }
}

/// <summary>
/// A handler's arguments for documentation. Whether one is required depends on nullable annotations, which cost more to
/// read than the rest of the analysis; so they are read when somebody looks.
/// </summary>
internal sealed class HandlerArgumentList(IReadOnlyList<ParameterShape> shapes) : IReadOnlyList<HandlerArgument>
{
    private HandlerArgument[]? _arguments;

    public int Count => shapes.Count;

    public HandlerArgument this[int index] => Arguments[index];

    private HandlerArgument[] Arguments => _arguments ??=
        [.. shapes.Select(shape => new HandlerArgument(shape.Name.Text, shape.Type, shape.IsRequired))];

    public IEnumerator<HandlerArgument> GetEnumerator() => Arguments.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
