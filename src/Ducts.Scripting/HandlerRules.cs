using Ducts.Handlers;
using Ducts.Scripting.Compiling;
using Ducts.Scripting.Files;

namespace Ducts.Scripting;

/// <summary>Decides which compiled files are handlers: name, id, key, one class each, none twice.</summary>
internal sealed class HandlerRules
{
    private readonly int _minId;
    private readonly Dictionary<int, HandlerEntry> _byId = [];
    private readonly Dictionary<string, HandlerEntry> _byKey = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<HandlerProblem> _problems = [];

    private HandlerRules(int minId) => _minId = minId;

    /// <summary>Applies the rules.</summary>
    /// <param name="files">The files, sorted by path: of two that clash the first is taken.</param>
    /// <param name="built">What they were made into.</param>
    /// <param name="minId">The lowest id allowed.</param>
    /// <param name="problems">All problems, those of building too, each naming the handler it costs.</param>
    /// <returns>The handlers, by id.</returns>
    public static IReadOnlyList<HandlerEntry> Apply(
        IReadOnlyList<SourceFile> files,
        BuiltScripts built,
        int minId,
        out IReadOnlyList<HandlerProblem> problems)
    {
        var rules = new HandlerRules(minId);
        var failed = built.Problems.Select(static problem => problem.Source).ToHashSet(StringComparer.Ordinal);
        var classes = built.Scripts.Classes.ToLookup(static found => found.Path, StringComparer.Ordinal);
        var roots = files.Where(static file => file.IsRoot).Select(static file => file.Path).ToArray();
        foreach (var path in roots.Where(path => !failed.Contains(path)))
        {
            rules.Check(path, [.. classes[path]]);
        }

        var isRoot = roots.ToHashSet(StringComparer.Ordinal);
        problems = ProblemOrder.CausesFirst(
            built.Problems.Select(problem => isRoot.Contains(problem.Source) ? NameHandler(problem) : problem).Concat(rules._problems));
        return rules._byId.Values.OrderBy(static entry => entry.Id).ToArray();
    }

    private void Check(string path, ScriptClass[] classes)
    {
        if (classes.Length != 1)
        {
            RefuseCount(path, classes);
            return;
        }

        var found = classes[0];
        var name = HandlerFileName.Parse(path);
        var key = found.EventKey?.ToUpperInvariant() ?? name.Key;
        var reason = found switch
        {
            { IsGeneric: true } => $"{found.Name} has type parameters, so it cannot be constructed",
            _ when name.Id is null => "the file's name holds no integer that could be an id; call it evt_{id}_{name}.cs",
            _ when name.Id < _minId => $"the id {name.Id} is below {_minId}; lower ids are not for users' handlers",
            _ when key.Length == 0 => "the file's name has nothing after the id to be the key; call it evt_{id}_{name}.cs, or mark the class with [EventKey]",
            _ when !HandlerFileName.IsKey(key) => $"the key '{key}' has other characters than letters, digits, '_', '-' and '.'",
            _ => null,
        };
        if (reason is not null)
        {
            Refuse(found, reason);
            return;
        }

        var entry = new HandlerEntry(name.Id!.Value, key, found);
        if (_byId.TryGetValue(entry.Id, out var other))
        {
            Refuse(found, $"the id {entry.Id} is taken by {other.Class.Path}");
        }
        else if (_byKey.TryGetValue(key, out other))
        {
            Refuse(found, $"the key {key} is taken by {other.Class.Path}");
        }
        else
        {
            _byId.Add(entry.Id, entry);
            _byKey.Add(key, entry);
        }
    }

    private void RefuseCount(string path, ScriptClass[] classes)
    {
        if (classes.Length == 0)
        {
            _problems.Add(new HandlerProblem(path, 1, 1, "the file has no class that derives from DuctsHandler and is not abstract"));
            return;
        }

        var names = string.Join(", ", classes.Select(static found => found.Name));
        Refuse(classes[1], $"the file has {classes.Length} handler classes ({names}); give each a file of its own, or make bases abstract");
    }

    private void Refuse(ScriptClass found, string reason) => _problems.Add(new HandlerProblem(found.Path, found.Line, found.Column, reason));

    private static HandlerProblem NameHandler(HandlerProblem problem)
    {
        var name = HandlerFileName.Parse(problem.Source);
        return name is { Id: { } id, Key.Length: > 0 }
            ? problem with { Message = $"{problem.Message} [{name.Key}, {id}]" }
            : problem;
    }
}
