using Ducts.Handlers;
using Ducts.Scripting.Compiling;
using Ducts.Scripting.Files;
using Microsoft.Extensions.Logging;

namespace Ducts.Scripting;

/// <summary>Compiles and loads the file of a module, <c>modules/NAME.cs</c>, with the cache, implicit usings and directives of handler files.</summary>
public sealed class ModuleFileLoader
{
    private const string ModuleType = "Ducts.DuctsModule";

    private readonly string _home;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Creates a loader.</summary>
    /// <param name="ductsHome">The folder below which compiled files are kept, in <c>.ducts</c>.</param>
    /// <param name="logger">The log that receives the compiler's warnings.</param>
    /// <param name="time">The clock that determines the age of cached files; null for the system's clock.</param>
    public ModuleFileLoader(string ductsHome, ILogger logger, TimeProvider? time = null)
    {
        _home = Path.GetFullPath(ductsHome);
        _logger = logger;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>
    /// Loads a module. Files <c>helper_*.cs</c> in its folder and below are compiled with it; other modules are not.
    /// </summary>
    /// <param name="path">The module's file.</param>
    /// <param name="cancellationToken">Cancelled when the start is aborted.</param>
    /// <returns>The module's class, or the problems.</returns>
    public async Task<LoadedModule> LoadAsync(string path, CancellationToken cancellationToken = default)
    {
        path = Path.GetFullPath(path);
        var problems = new List<HandlerProblem>();
        if (!File.Exists(path))
        {
            return new LoadedModule(null, [new HandlerProblem(path, 0, 0, "there is no such file")]);
        }

        var isHelper = SourceFolder.ByPattern("helper_*.cs");
        var folder = new SourceFolder(Path.GetDirectoryName(path)!, static _ => false);
        var files = folder.Read(problems).Where(file => isHelper(Path.GetFileName(file.Path)) && file.Path != path).ToList();
        try
        {
            files.Add(SourceFile.Read(path, isRoot: true));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new LoadedModule(null, [new HandlerProblem(path, 0, 0, $"the file cannot be read: {exception.Message}")]);
        }

        await using var builder = new ScriptBuilder(Path.Combine(_home, HandlerFolderSettings.CacheName), keepsCompiler: false, _time, _logger);
        var built = await Task.Run(() => builder.BuildAsync(files, ModuleType, startup: null, cancellationToken), cancellationToken);
        if (built.Problems.Any(problem => problem.Source == path))
        {
            return new LoadedModule(null, built.Problems);
        }

        if (Refuse(path, built.Scripts.Classes) is { } refusal)
        {
            return new LoadedModule(null, [.. built.Problems, refusal]);
        }

        // A helper that does not compile and that the module does without is worth a word, no more.
        foreach (var problem in built.Problems)
        {
            ScriptingLog.CompilerWarning(_logger, problem);
        }

        // The module lives as long as the process, so nothing is ever unloaded.
        built.Load($"module {Path.GetFileNameWithoutExtension(path)}", unloadable: false, startup: null, out var assembly);
        return new LoadedModule(assembly.GetType(built.Scripts.Classes[0].TypeName, throwOnError: true), []);
    }

    private static HandlerProblem? Refuse(string path, IReadOnlyList<ScriptClass> classes) => classes switch
    {
        [] => new HandlerProblem(path, 1, 1, "the file has no class that derives from DuctsModule and is not abstract"),
        [{ IsGeneric: true } found] => new HandlerProblem(path, found.Line, found.Column, $"{found.Name} has type parameters, so it cannot be constructed"),
        [_] => null,
        [_, var second, ..] => new HandlerProblem(
            path,
            second.Line,
            second.Column,
            $"the file has {classes.Count} module classes ({string.Join(", ", classes.Select(static found => found.Name))}); a module is one"),
    };
}
