namespace Ducts.Load;

/// <summary>Where the builds of Ducts that are measured work: a folder with the handlers for each.</summary>
internal sealed class WorkFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ducts-load-").FullName;
    private readonly string? _baseline;

    private WorkFolder(string? baseline) => _baseline = baseline;

    /// <summary>Makes the folders and has the handlers compiled, so that the servers that are measured start from the cache.</summary>
    /// <param name="servers">What is going to run.</param>
    /// <param name="baseline">Where another build of the tool lies; null for none.</param>
    public static async Task<WorkFolder> CreateAsync(IReadOnlyList<ServerKind> servers, string? baseline)
    {
        var folder = new WorkFolder(baseline);
        foreach (var kind in servers.Where(static kind => kind is ServerKind.Ducts or ServerKind.Baseline))
        {
            var handlers = Directory.CreateDirectory(Path.Combine(folder.Of(kind), "handler")).FullName;
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Places.Load, "handler"), "*.cs"))
                File.Copy(file, Path.Combine(handlers, Path.GetFileName(file)));
            await using var server = await ServerProcess.StartAsync(kind, folder);
        }

        return folder;
    }

    public string Of(ServerKind kind) => Path.Combine(_root, kind.ToString());

    public string Tool(ServerKind kind) => kind == ServerKind.Baseline ? _baseline! : Places.Output("Ducts.Cli");

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
