using Ducts.Handlers;
using Ducts.Scripting.Files;
using Ducts.Scripting.Loading;
using Microsoft.Extensions.Logging;

namespace Ducts.Scripting;

/// <summary>
/// Compiles and loads the file <c>startup.cs</c> of a handler folder, with the cache, implicit usings and directives of handler
/// files. It becomes an assembly of its own, which the handlers of the folder refer to.
/// </summary>
public sealed class StartupFileLoader
{
    private readonly string _home;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Creates a loader.</summary>
    /// <param name="ductsHome">The folder below which compiled files are kept, in <c>.ducts</c>.</param>
    /// <param name="logger">The log that receives the compiler's warnings.</param>
    /// <param name="time">The clock that determines the age of cached files; null for the system's clock.</param>
    public StartupFileLoader(string ductsHome, ILogger logger, TimeProvider? time = null)
    {
        _home = Path.GetFullPath(ductsHome);
        _logger = logger;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Loads the file. Its method is not run.</summary>
    /// <param name="folder">The handler folder; it need not exist.</param>
    /// <param name="cancellationToken">Cancelled when the start is aborted.</param>
    /// <returns>The loaded file, or its problems; neither where there is no file.</returns>
    public async Task<LoadedStartup> LoadAsync(string folder, CancellationToken cancellationToken = default)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        switch (StartupFile.Find(folder))
        {
            case []:
                return new LoadedStartup(folder, "", []);
            case [var path]:
                return await LoadFileAsync(folder, path, cancellationToken);
            case var several:
                return new LoadedStartup(folder, "", [new HandlerProblem(several[1], 0, 0, $"differs from {several[0]} in case only; keep one of them")]);
        }
    }

    private async Task<LoadedStartup> LoadFileAsync(string folder, string path, CancellationToken cancellationToken)
    {
        SourceFile file;
        try
        {
            file = SourceFile.Read(path, isRoot: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new LoadedStartup(folder, "", [new HandlerProblem(path, 0, 0, $"the file cannot be read: {exception.Message}")]);
        }

        await using var builder = new ScriptBuilder(Path.Combine(_home, HandlerFolderSettings.CacheName), keepsCompiler: false, _time, _logger);
        var built = await Task.Run(() => builder.BuildAsync([file], baseType: null, startup: null, cancellationToken), cancellationToken);
        if (built.Problems.Count > 0)
        {
            return new LoadedStartup(folder, file.Hash, built.Problems);
        }

        // What it sets up lives as long as the process, so nothing is ever unloaded.
        var context = built.Load("startup", unloadable: false, startup: null, out var assembly);
        var shared = new StartupAssembly(built.Key, built.Scripts.Image, assembly, context, built.Packages, built.Directives);
        return new LoadedStartup(folder, file.Hash, built.Scripts.Classes[0], shared);
    }
}
