// Shows the tutorial's pages the source of its handlers, as it is on disk.
public sealed class Source : DuctsHandler
{
    private static readonly string HandlerFolder = Path.GetDirectoryName(Path.GetFullPath(ThisFile()))!;

    public async Task<string> HandleAsync(string name, CancellationToken cancellationToken)
    {
        // The name is compared with what the folders hold, never joined to a path: nothing else can be read.
        var file = Files().FirstOrDefault(file => Path.GetFileName(file) == name)
            ?? throw new KeyNotFoundException($"There is no file {name}.");
        return await File.ReadAllTextAsync(file, cancellationToken);
    }

    private static IEnumerable<string> Files()
    {
        var modules = Path.Combine(Path.GetDirectoryName(HandlerFolder)!, "modules");
        var handlers = Directory.EnumerateFiles(HandlerFolder, "evt_*.cs");
        return Directory.Exists(modules) ? handlers.Concat(Directory.EnumerateFiles(modules, "*.cs")) : handlers;
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
