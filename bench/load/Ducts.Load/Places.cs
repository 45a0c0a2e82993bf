namespace Ducts.Load;

/// <summary>Where things lie in the repository.</summary>
internal static class Places
{
    public static string Root { get; } = FindRoot();

    public static string Load { get; } = Path.Combine(Root, "bench", "load");

    /// <summary>A project's output; what is measured is always a Release build.</summary>
    public static string Output(string project) => Path.Combine(Root, "artifacts", "bin", project, "release");

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ducts.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the driver runs inside its repository");
        return folder;
    }
}
