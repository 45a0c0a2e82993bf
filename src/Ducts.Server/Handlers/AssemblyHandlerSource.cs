using System.Reflection;
using Microsoft.Extensions.Primitives;

namespace Ducts.Handlers;

/// <summary>The public handler classes with <see cref="EventAttribute"/> in a compiled assembly.</summary>
internal sealed class AssemblyHandlerSource(Assembly assembly) : IHandlerSource
{
    public Task<HandlerSet> LoadAsync(CancellationToken cancellationToken)
    {
        var name = assembly.GetName().Name ?? assembly.ToString();
        var candidates = new List<HandlerCandidate>();
        var problems = new List<HandlerProblem>();
        foreach (var type in assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<EventAttribute>() is not { } attribute)
                continue;
            if (type.IsAbstract || type.ContainsGenericParameters || !type.IsSubclassOf(typeof(DuctsHandler)))
                problems.Add(new HandlerProblem(name, 0, 0, $"{type} has [Event] but is no concrete class derived from {nameof(DuctsHandler)}"));
            else
                candidates.Add(new HandlerCandidate(attribute.Id, attribute.Key, type, $"{type} in {name}"));
        }

        var types = Types();
        foreach (var type in types.Where(static type => !type.IsVisible && type.IsDefined(typeof(EventAttribute))))
            problems.Add(new HandlerProblem(name, 0, 0, $"{type} has [Event] but is not public, so that it is not loaded: make it public, and the types that it is nested in"));
        var warnings = FindForgotten(types)
            .Select(type => new HandlerProblem(name, 0, 0, $"{type} derives from {nameof(DuctsHandler)} but has no [Event], so that it answers nothing: add [Event(id, key)], or make it abstract if it is a base class"));
        return Task.FromResult(new HandlerSet(candidates, problems) { Warnings = [.. warnings] });
    }

    /// <summary>Handlers that lack the attribute; a class that others derive from may do without.</summary>
    private static IEnumerable<Type> FindForgotten(IReadOnlyList<Type> types)
    {
        var bases = types.Select(static type => type.BaseType is { IsGenericType: true } generic ? generic.GetGenericTypeDefinition() : type.BaseType).ToHashSet();
        return types.Where(type => type.IsSubclassOf(typeof(DuctsHandler)) && !type.IsAbstract && !type.IsDefined(typeof(EventAttribute)) && !bases.Contains(type));
    }

    private Type[] Types()
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            // A type that nobody outside sees may need an assembly that is not there; the others are worth the look.
            return [.. exception.Types.OfType<Type>()];
        }
    }

    public IChangeToken? Watch() => null;
}
