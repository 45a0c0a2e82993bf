using Ducts.Scripting.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Ducts.Scripting.Watching;

/// <summary>
/// Tells when a folder's files have changed: at once where the file system says so, and within seconds where it does not,
/// as on network drives, in containers, or when the system has no watches left.
/// </summary>
// Threading: any thread.
internal sealed class FolderWatcher : IAsyncDisposable
{
    // An editor saves in several steps; a change counts once this long nothing more has happened.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    // Without end writing, as by a log in the same folder, a change counts all the same.
    private const int MostQuietRounds = 20;

    private static readonly TimeSpan PollWatched = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollUnwatched = TimeSpan.FromMilliseconds(500);

    private readonly SourceFolder _folder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly bool _canWatch;
    private readonly Action? _looked;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _signal = NewSignal();
    private CancellationTokenSource _changed = new();
    private string? _seen;
    private FileSystemWatcher? _watcher;
    private bool _warned;
    private Task? _loop;

    /// <param name="folder">The folder; need not exist yet.</param>
    /// <param name="time">For the pauses.</param>
    /// <param name="logger">The log.</param>
    /// <param name="canWatch">False to only look, as where the system cannot watch.</param>
    /// <param name="looked">Called at each look at the folder, for what is watched besides its files; null for nothing.</param>
    public FolderWatcher(SourceFolder folder, TimeProvider time, ILogger logger, bool canWatch = true, Action? looked = null)
    {
        _folder = folder;
        _time = time;
        _logger = logger;
        _canWatch = canWatch;
        _looked = looked;
    }

    /// <summary>A token that fires once, at the next change since what is remembered.</summary>
    public IChangeToken Watch()
    {
        lock (_lock)
        {
            if (!_stopping.IsCancellationRequested)
            {
                _seen ??= _folder.Fingerprint();
                _loop ??= Task.Run(() => RunAsync(_stopping.Token));
            }

            return new CancellationChangeToken(_changed.Token);
        }
    }

    /// <summary>Sets the state that changes are told from.</summary>
    public void Remember(string fingerprint)
    {
        lock (_lock)
        {
            _seen = fingerprint;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? loop;
        lock (_lock)
        {
            loop = _loop;
        }

        await _stopping.CancelAsync();
        if (loop is not null)
        {
            await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _watcher?.Dispose();
        _changed.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            KeepWatching();
            var signal = Volatile.Read(ref _signal);
            await Pause(signal.Task, _watcher is null ? PollUnwatched : PollWatched, stopping);
            for (var round = 0; signal.Task.IsCompleted && round < MostQuietRounds; round++)
            {
                Volatile.Write(ref _signal, signal = NewSignal());
                await Pause(signal.Task, Quiet, stopping);
            }

            CompareOnce();
        }
    }

    private void CompareOnce()
    {
        CancellationTokenSource? fired = null;
        try
        {
            _looked?.Invoke();
            var now = _folder.Fingerprint();
            lock (_lock)
            {
                if (_seen != now)
                {
                    _seen = now;
                    fired = _changed;
                    _changed = new CancellationTokenSource();
                }
            }

            if (fired is not null)
            {
                ScriptingLog.FolderChanged(_logger, _folder.Path);
                fired.Cancel();
            }
        }
        catch (Exception exception)
        {
            // The folder went under the look at it, or someone told of the change failed. The next look is soon, and
            // without this loop there would be none.
            ScriptingLog.LookFailed(_logger, _folder.Path, exception.Message);
        }
    }

    // A watch ends with the folder, and cannot begin before it.
    private void KeepWatching()
    {
        if (!_canWatch)
        {
            return;
        }

        if (!Directory.Exists(_folder.Path))
        {
            _watcher?.Dispose();
            _watcher = null;
            return;
        }

        if (_watcher is not null)
        {
            return;
        }

        try
        {
            var watcher = new FileSystemWatcher(_folder.Path) { IncludeSubdirectories = true };
            watcher.Changed += (_, _) => Signal();
            watcher.Created += (_, _) => Signal();
            watcher.Deleted += (_, _) => Signal();
            watcher.Renamed += (_, _) => Signal();
            // Events were lost; looking tells what they were.
            watcher.Error += (_, _) => Signal();
            watcher.EnableRaisingEvents = true;
            _watcher = watcher;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            if (!_warned)
            {
                ScriptingLog.WatchFailed(_logger, _folder.Path, exception.Message);
                _warned = true;
            }
        }
    }

    private void Signal() => Volatile.Read(ref _signal).TrySetResult();

    private async Task Pause(Task signal, TimeSpan longest, CancellationToken stopping)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(signal, Task.Delay(longest, _time, done.Token));
        await done.CancelAsync();
        stopping.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
