using Ducts.Handlers;
using Ducts.Scripting.Packages;
using Microsoft.Extensions.Logging;

namespace Ducts.Scripting.Tests;

/// <summary>A server's home in a temporary folder, with handler files.</summary>
internal sealed class HandlerHome : IDisposable
{
    public HandlerHome()
    {
        Path = Directory.CreateTempSubdirectory("ducts-scripting-").FullName;
        Handlers = System.IO.Path.Combine(Path, "handler");
        Directory.CreateDirectory(Handlers);
    }

    public string Path { get; }

    public string Handlers { get; }

    public RecordingLogger Log { get; } = new();

    public string CacheFolder => System.IO.Path.Combine(Path, ".ducts");

    /// <summary>A handler that answers with a text.</summary>
    public static string Handler(string answer, string modifier = "file") =>
        $$"""
        {{modifier}} class Handler : DuctsHandler
        {
            public string Handle() => "{{answer}}";
        }
        """;

    /// <summary>Writes a file of the handler folder.</summary>
    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Handlers, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public HandlerFolderSource Open(bool reload = false, Action<DuctsOptions>? configure = null, DotnetCommand? dotnet = null, LoadedStartup? startup = null)
    {
        var options = new DuctsOptions { Common = { DuctsHome = Path }, Event = { Reload = reload } };
        configure?.Invoke(options);
        return new HandlerFolderSource(HandlerFolderSettings.From(options), TimeProvider.System, Log, dotnet, startup);
    }

    /// <summary>Loads the startup file, as the command does before it makes the server.</summary>
    public Task<LoadedStartup> LoadStartupAsync() => new StartupFileLoader(Path, Log).LoadAsync(Handlers);

    /// <summary>Loads what is there, as a server that starts does.</summary>
    public async Task<HandlerSet> LoadAsync(DotnetCommand? dotnet = null, LoadedStartup? startup = null)
    {
        await using var source = Open(dotnet: dotnet, startup: startup);
        return await source.LoadAsync(CancellationToken.None);
    }

    /// <summary>Calls the Handle method of a handler that takes nothing.</summary>
    public static object? Call(HandlerSet set, string key)
    {
        var type = set.Candidates.Single(candidate => candidate.Key == key).Type;
        return type.GetMethod("Handle")!.Invoke(Activator.CreateInstance(type), []);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
