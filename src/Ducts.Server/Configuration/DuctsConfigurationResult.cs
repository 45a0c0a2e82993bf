using Microsoft.Extensions.Configuration;

namespace Ducts.Configuration;

/// <summary>What <see cref="DuctsConfiguration.Load"/> has made of files and environment.</summary>
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

    /// <summary>The options. With errors among the problems they hold what could be read.</summary>
    public DuctsOptions Options { get; }

    /// <summary>What is wrong or odd, in the order of files and lines.</summary>
    public IReadOnlyList<ConfigProblem> Problems { get; }

    /// <summary>What is worth a line in the log.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The files that were read.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The sections that are not built in, for handlers' own options; bind them with <see cref="UserSection"/>.</summary>
    public IConfiguration UserSections { get; }

    /// <summary>Whether a problem keeps the server from starting.</summary>
    public bool HasErrors => Problems.Any(static problem => problem.Severity == ConfigSeverity.Error);

    /// <summary>Whether there is a section that is not built in.</summary>
    public bool HasUserSections => UserSectionHeads.Count > 0;

    internal IReadOnlyList<IniSectionHead> UserSectionHeads { get; }

    /// <summary>The sections that are neither built in nor any handler's: most likely mistyped.</summary>
    /// <param name="claimed">The sections that handlers' options are bound to.</param>
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
