using System.Reflection;
using Ducts.Handlers;
using Ducts.Scripting.Files;
using Ducts.Scripting.Packages;

namespace Ducts.Scripting.Loading;

/// <summary>
/// The loaded startup file. It lives as long as the process, and handlers share its types and those of its packages, whichever
/// of their own generations runs.
/// </summary>
/// <param name="Key">Names the content, as the cache does.</param>
/// <param name="Image">What handlers are compiled against.</param>
/// <param name="Assembly">The assembly.</param>
/// <param name="Context">Where its packages are loaded.</param>
/// <param name="Packages">What its directives brought in, or null.</param>
/// <param name="Directives">Its directives.</param>
internal sealed record StartupAssembly(
    string Key,
    ReadOnlyMemory<byte> Image,
    Assembly Assembly,
    ScriptLoadContext Context,
    PackageSet? Packages,
    IReadOnlyList<SourceDirective> Directives)
{
    /// <summary>Returns the directives that ask for more than the startup file has brought in already.</summary>
    /// <param name="directives">The directives of handlers.</param>
    /// <param name="problems">Gets an entry for each that asks for another version.</param>
    public SourceDirective[] Reduce(IEnumerable<SourceDirective> directives, ICollection<HandlerProblem> problems)
    {
        var further = new List<SourceDirective>();
        foreach (var directive in directives)
        {
            var known = Directives.FirstOrDefault(other => other.Kind == directive.Kind && string.Equals(
                other.Name,
                directive.Name,
                directive.Kind == DirectiveKind.Package ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
            if (known is null)
            {
                further.Add(directive);
            }
            else if (known.Version != directive.Version)
            {
                problems.Add(new HandlerProblem(
                    directive.Path,
                    directive.Line,
                    1,
                    $"asks for {directive.Name} {directive.Version}, while {StartupFile.Name} asks for {known.Version}; all files share one version"));
            }
        }

        return [.. further];
    }

    /// <summary>Returns what handlers are compiled against besides the platform and this assembly: of two with one name the one that is loaded.</summary>
    public IReadOnlyList<string> Join(IReadOnlyList<string> references)
    {
        if (Packages is null)
        {
            return references;
        }

        var shared = Packages.References.ToDictionary(static path => Path.GetFileNameWithoutExtension(path), StringComparer.OrdinalIgnoreCase);
        foreach (var path in references)
        {
            var name = Path.GetFileNameWithoutExtension(path);
            if (!shared.TryGetValue(name, out var other) || PackageSet.IsNewer(path, other))
            {
                shared[name] = path;
            }
        }

        return [.. shared.Values.Order(StringComparer.Ordinal)];
    }
}
