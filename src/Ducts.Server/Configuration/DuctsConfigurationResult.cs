using Microsoft.Extensions.Configuration;

namespace Ducts.Configuration;

/// <summary>Represents the result of <see cref="DuctsConfiguration.Load"/>.</summary>
public sealed class DuctsConfigurationResult
{
    internal DuctsConfigurationResult(
        DuctsOptions options,
        IReadOnlyList<ConfigProblem> problems,
        IReadOnlyList<string> notes,
        IReadOnlyList<string> files,
        IReadOnlyList<IniSectionHead> userSectionHeads,
        IConfiguration userSections)
    {
        Options = options;
        Problems = problems;
        Notes = notes;
        Files = files;
        UserSectionHeads = userSectionHeads;
        UserSections = userSections;
    }

    /// <summary>Gets the options. If there are errors, they contain the values that could be read.</summary>
    public DuctsOptions Options { get; }

    /// <summary>Gets the errors and warnings, in the order of files and lines.</summary>
    public IReadOnlyList<ConfigProblem> Problems { get; }

    /// <summary>Gets notes to be logged.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Gets the files that were read.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Gets the sections that are not built in, for handlers' own options; bind them with <see cref="UserSection"/>.</summary>
    public IConfiguration UserSections { get; }

    /// <summary>Gets whether a problem prevents the server from starting.</summary>
    public bool HasErrors => Problems.Any(static problem => problem.Severity == ConfigSeverity.Error);

    /// <summary>Gets whether there is a section that is not built in.</summary>
    public bool HasUserSections => UserSectionHeads.Count > 0;

    internal IReadOnlyList<IniSectionHead> UserSectionHeads { get; }

    /// <summary>Returns a problem for each section that is neither built in nor bound by a handler.</summary>
    /// <param name="claimed">The names of the sections that handlers' options are bound to.</param>
    public IReadOnlyList<ConfigProblem> FindUnknownSections(IEnumerable<string> claimed)
    {
        var known = new HashSet<string>(claimed, StringComparer.OrdinalIgnoreCase);
        var names = ConfigTemplate.Names.Concat(known).ToList();
        var severity = Options.Event.Strict ? ConfigSeverity.Error : ConfigSeverity.Warning;
        return
        [
            .. UserSectionHeads
                .Where(head => !known.Contains(head.Name))
                .Select(head => new ConfigProblem(severity, head.Source, head.Line, $"section [{head.Name}] is unknown{Spelling.DidYouMean(head.Name, names)}")),
        ];
    }
}
