using Ducts.Handlers;
using Ducts.Scripting.Files;
using Ducts.Scripting.Packages;
using Ducts.Scripting.Watching;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Ducts.Scripting;

/// <summary>The handlers in the files of a folder.</summary>
// Threading: loads run one after another; Watch may be called from anywhere.
internal sealed class HandlerFolderSource : IHandlerSource, IAsyncDisposable
{
    private const string HandlerType = "Ducts.DuctsHandler";

    private readonly HandlerFolderSettings _settings;
    private readonly SourceFolder _folder;
    private readonly ScriptBuilder _builder;
    private readonly FolderWatcher? _watcher;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _loading = new(1);

    // The files with problems in the set that was given last; null before the first.
    private HashSet<string>? _failing;

    public HandlerFolderSource(HandlerFolderSettings settings, TimeProvider time, ILogger logger, DotnetCommand? dotnet = null)
    {
        _settings = settings;
        _logger = logger;
        _folder = new SourceFolder(settings.Folder, SourceFolder.ByPattern(settings.Pattern));
        _builder = new ScriptBuilder(settings.CacheFolder, settings.Reload, time, logger, dotnet);
        _watcher = settings.Reload ? new FolderWatcher(_folder, time, logger) : null;
    }

    public async Task<HandlerSet> LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            // Compiling is a computation of a second or more, which must not hold up who starts other things meanwhile.
            return await Task.Run(() => LoadOnceAsync(cancellationToken), cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    public IChangeToken? Watch() => _watcher?.Watch();

    public async ValueTask DisposeAsync()
    {
        if (_watcher is not null)
        {
            await _watcher.DisposeAsync();
        }

        await _builder.DisposeAsync();
        _loading.Dispose();
    }

    private async Task<HandlerSet> LoadOnceAsync(CancellationToken cancellationToken)
    {
        ScriptingLog.HandlerFolder(_logger, _folder.Path);

        // Before reading: what is written from here on is a change that the watcher tells of.
        _watcher?.Remember(_folder.Fingerprint());
        var unreadable = new List<HandlerProblem>();
        var files = _folder.Read(unreadable);
        if (files.Count == 0)
        {
            _failing = Failing(unreadable);
            return new HandlerSet([], unreadable);
        }

        var built = await _builder.BuildAsync(files, HandlerType, cancellationToken);
        var entries = HandlerRules.Apply(files, built, _settings.MinId, out var problems);
        problems = [.. unreadable, .. problems];

        var failing = Failing(problems);
        if (_failing is { } before && !failing.IsSubsetOf(before))
        {
            return new HandlerSet([], problems) { KeepsPrevious = true };
        }

        _failing = failing;
        if (entries.Count == 0)
        {
            return new HandlerSet([], problems);
        }

        var context = built.Load($"handlers {built.Key[..8]}", _settings.Reload, out var assembly);
        var candidates = entries
            .Select(entry => new HandlerCandidate(
                entry.Id,
                entry.Key,
                assembly.GetType(entry.Class.TypeName, throwOnError: true)!,
                entry.Class.Path))
            .ToArray();
        return new HandlerSet(candidates, problems, context);
    }

    private static HashSet<string> Failing(IEnumerable<HandlerProblem> problems) =>
        problems.Select(static problem => problem.Source).ToHashSet(StringComparer.Ordinal);
}
