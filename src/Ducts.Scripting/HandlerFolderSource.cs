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
    private readonly LoadedStartup? _startup;
    private readonly SemaphoreSlim _loading = new(1);

    // The files with problems in the set that was given last; null before the first.
    private HashSet<string>? _failing;

    // What the startup file was when a change of it was last told.
    private string? _startupSeen;

    /// <param name="settings">The folder's options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="dotnet">The SDK's command; found by itself when null.</param>
    /// <param name="startup">The startup file as the host has loaded it; null where the host runs none.</param>
    public HandlerFolderSource(HandlerFolderSettings settings, TimeProvider time, ILogger logger, DotnetCommand? dotnet = null, LoadedStartup? startup = null)
    {
        _settings = settings;
        _logger = logger;
        _startup = startup;
        _startupSeen = startup?.Fingerprint;
        _folder = new SourceFolder(settings.Folder, SourceFolder.ByPattern(settings.Pattern)) { LeavesOutStartup = true };
        _builder = new ScriptBuilder(settings.CacheFolder, settings.Reload, time, logger, dotnet);
        _watcher = settings.Reload ? new FolderWatcher(_folder, time, logger, looked: TellOfStartup) : null;
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
        WarnOfStartup();

        // Before reading: what is written from here on is a change that the watcher tells of.
        _watcher?.Remember(_folder.Fingerprint());
        var unreadable = new List<HandlerProblem>();
        var files = _folder.Read(unreadable);
        if (files.Count == 0)
        {
            _failing = Failing(unreadable);
            return new HandlerSet([], unreadable);
        }

        var built = await _builder.BuildAsync(files, HandlerType, _startup?.Shared, cancellationToken);
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

        var context = built.Load($"handlers {built.Key[..8]}", _settings.Reload, _startup?.Shared, out var assembly);
        var candidates = entries
            .Select(entry => new HandlerCandidate(
                entry.Id,
                entry.Key,
                assembly.GetType(entry.Class.TypeName, throwOnError: true)!,
                entry.Class.Path))
            .ToArray();
        return new HandlerSet(candidates, problems, context);
    }

    // An application sets itself up; a file that another host would have run must not be believed to.
    private void WarnOfStartup()
    {
        if (_startup is null && _startupSeen is null && StartupFile.Find(_folder.Path) is [var path, ..])
        {
            _startupSeen = "";
            ScriptingLog.StartupNotRun(_logger, path);
        }
    }

    private void TellOfStartup()
    {
        if (_startup is null || StartupFile.Fingerprint(_folder.Path) is var now && now == _startupSeen)
        {
            return;
        }

        _startupSeen = now;
        if (now != _startup.Fingerprint)
        {
            ScriptingLog.StartupChanged(_logger, StartupFile.Name);
        }
    }

    private static HashSet<string> Failing(IEnumerable<HandlerProblem> problems) =>
        problems.Select(static problem => problem.Source).ToHashSet(StringComparer.Ordinal);
}
