namespace Ducts.Cli.Commands;

/// <summary>Describes the module that a command works on, and its configuration.</summary>
/// <param name="Module"><c>server</c>, or the name of a file in <c>modules/</c>.</param>
/// <param name="Files">The INI files; empty for the default one.</param>
/// <param name="Verbose">Whether to log at level DEBUG.</param>
/// <param name="Watch">Whether to swap in changed handler files.</param>
internal sealed record ModuleTarget(string Module, IReadOnlyList<string> Files, bool Verbose, bool Watch)
{
    public const string Server = "server";

    /// <summary>The module's name at the head of a sentence.</summary>
    public string Title => Module == Server ? "The server" : $"Module {Module}";

    public static ModuleTarget OfServer(IReadOnlyList<string> files) => new(Server, files, Verbose: false, Watch: false);

    /// <summary>The command line that works on the same.</summary>
    public string CommandLine(string verb) =>
        $"ducts {Module} {verb}{(Files.Count == 0 ? "" : $" -c {string.Join(Path.PathSeparator, Files)}")}";

    /// <summary>The file of a module, before the command line is parsed: modules become commands by being there.</summary>
    public static string FileOf(string module, IReadOnlyList<string> args)
    {
        var folder = ".";
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] == "--current-dir" && i + 1 < args.Count)
                folder = args[i + 1];
            else if (args[i].StartsWith("--current-dir=", StringComparison.Ordinal))
                folder = args[i]["--current-dir=".Length..];
        }
        return Path.Combine(folder, "modules", $"{module}.cs");
    }
}
