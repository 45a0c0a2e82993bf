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

        return Task.FromResult(new HandlerSet(candidates, problems));
    }

    public IChangeToken? Watch() => null;
}
