using System.CommandLine;

namespace Ducts.Cli.Commands;

/// <summary>The options that every command has.</summary>
internal sealed class SharedOptions
{
    public Option<string?> Config { get; } = new("--config", "-c")
    {
        Description = $"The INI file; several are joined by {Path.PathSeparator}, the first that has an option wins.",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Log at level DEBUG.", Recursive = true };

    public Option<string?> CurrentDirectory { get; } = new("--current-dir")
    {
        Description = "The folder to work in instead of the current one.",
        HelpName = "FOLDER",
        Recursive = true,
    };

    public IReadOnlyList<Option> All => [Config, Verbose, CurrentDirectory];

    /// <summary>Goes to the folder asked for. Every command begins with it.</summary>
    public void Enter(ParseResult parsed)
    {
        if (parsed.GetValue(CurrentDirectory) is not { } folder)
            return;
        try
        {
            Directory.SetCurrentDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException($"--current-dir {folder}: {(File.Exists(folder) ? "is a file" : Directory.Exists(folder) ? "may not be entered" : "no such folder")}.", e);
        }
    }

    public IReadOnlyList<string> Files(ParseResult parsed) =>
        parsed.GetValue(Config) is { } files
            ? files.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : [];
}
