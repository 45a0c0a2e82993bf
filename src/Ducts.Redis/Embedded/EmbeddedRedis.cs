using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Ducts.Redis.Embedded;

/// <summary>
/// A redis-server (or valkey-server) of one's own: a child process that listens on a Unix socket only, keeps its data in a
/// folder with an append-only file, and ends with its owner. After a crash of the owner the next start takes over the same
/// data; after a crash of the server itself it is started again.
/// </summary>
// Threading: a thread of its own launches the process and stays until it has ended, because Linux binds "end with the
// parent" to the thread that launched it.
public sealed class EmbeddedRedis : IAsyncDisposable
{
    /// <summary>Longer than an orderly end takes; also of the server's own limit for a stop.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2.5);

    /// <summary>A large append-only file takes its time to load.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly RedisServerProcess _server;
    private readonly string _folder;
    private readonly ILogger _logger;
    private readonly FileStream? _ownership;
    private readonly ManualResetEventSlim _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;
    private volatile bool _wasReady;
    private int _isDisposed;

    private EmbeddedRedis(RedisServerProcess server, string folder, ILogger logger, FileStream? ownership)
    {
        _server = server;
        _folder = folder;
        _logger = logger;
        _ownership = ownership;
    }

    /// <summary>The URI for <see cref="RedisClientOptions.Uri"/>.</summary>
    public string Uri => "unix://" + System.Uri.EscapeDataString(_server.Socket).Replace("%2F", "/", StringComparison.Ordinal);

    /// <summary>The path of the socket.</summary>
    public string Socket => _server.Socket;

    /// <summary>The server's process; null while it is being started again, and when another process owns it.</summary>
    public int? ProcessId
    {
        get
        {
            var process = _process;
            return process is { HasExited: false } ? process.Id : null;
        }
    }

    /// <summary>Whether this object started the server and will stop it. False: another living process owns it, and shares it.</summary>
    public bool IsOwner => _ownership is not null;

    /// <summary>Starts the server of a folder, or shares the one that another living process has started there.</summary>
    /// <param name="folder">Where its data, socket, log and pid file are; made if need be.</param>
    /// <param name="logger">The log.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The server, ready; dispose of it to stop it.</returns>
    /// <exception cref="RedisServerNotFoundException">There is no redis-server on PATH.</exception>
    /// <exception cref="RedisServerStartException">
    /// It did not start, and the message has its own last words; or the folder, or a file in it, belongs to another user.
    /// </exception>
    public static async Task<EmbeddedRedis> StartAsync(string folder, ILogger logger, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(logger);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var server = new RedisServerProcess(folder, RedisServerProgram.Find());
        PrivateFolder.Prepare(folder, logger);
        var ownership = TryOwn(folder);
        var embedded = new EmbeddedRedis(server, folder, logger, ownership);
        try
        {
            if (ownership is null)
            {
                // Its owner may be starting it at this moment.
                await embedded.WaitUntilReadyAsync(null, cancellationToken);
                RedisLog.EmbeddedShared(logger, folder, server.Socket);
                return embedded;
            }

            await StopLeftBehindAsync(server, folder, logger);
            await embedded.LaunchAsync(cancellationToken);
            return embedded;
        }
        catch
        {
            await embedded.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the server that an owner which was killed has left behind in a folder, if there is one.</summary>
    /// <param name="folder">The folder that the owner gave to <see cref="StartAsync"/>.</param>
    /// <param name="logger">The log.</param>
    /// <param name="cancellationToken">Ends the wait for its end.</param>
    /// <returns>
    /// When it has ended: at once, or after at most a few seconds. Nothing is done if the folder belongs to another user, or a
    /// living process owns the server.
    /// </returns>
    public static async Task StopLeftBehindAsync(string folder, ILogger logger, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(logger);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!PrivateFolder.IsOurs(folder))
        {
            return;
        }

        await using var ownership = TryOwn(folder);
        if (ownership is not null)
        {
            await StopLeftBehindAsync(new RedisServerProcess(folder, string.Empty), folder, logger).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Stops the server if this object owns it; what it holds is in its append-only file then.</summary>
    /// <returns>When it has ended: at once, or after at most a few seconds.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            await _ended.Task;
            return;
        }

        if (_process is { } process)
        {
            // Set first, so that the owner thread takes the end for what it is.
            _stopping.Set();
            var id = process.Id;
            if (await RedisServerProcess.StopAsync(process, StopPatience))
            {
                RedisLog.EmbeddedStopped(_logger, id);
            }
            else
            {
                RedisLog.EmbeddedKilled(_logger, StopPatience.TotalSeconds, id);
            }
        }
        else
        {
            _ended.TrySetResult();
        }

        await _ended.Task;
        if (_ownership is not null)
        {
            await _ownership.DisposeAsync();
        }
    }

    /// <summary>Takes the folder's lock, which ends with this process whatever ends it; null if another one has it.</summary>
    private static FileStream? TryOwn(string folder)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 1 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            return new FileStream(Path.Combine(folder, "redis.lock"), options);
        }
        catch (IOException exception) when (exception is not DirectoryNotFoundException and not PathTooLongException)
        {
            return null;
        }
    }

    private static async Task StopLeftBehindAsync(RedisServerProcess server, string folder, ILogger logger)
    {
        using var orphan = server.FindLeftBehind();
        if (orphan is null)
        {
            return;
        }

        RedisLog.EmbeddedOrphan(logger, folder, orphan.Id);
        await RedisServerProcess.StopAsync(orphan, StopPatience);
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        var launched = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var owner = new Thread(() => Own(launched)) { IsBackground = true, Name = "redis-server" };
        owner.Start();
        var process = await launched.Task;
        await WaitUntilReadyAsync(process, cancellationToken);
        RedisLog.EmbeddedStarted(_logger, Path.GetFileName(_server.Program), process.Id, _server.Socket, _folder);
    }

    private async Task WaitUntilReadyAsync(Process? process, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(process is null ? StopPatience * 2 : StartPatience);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (!await _server.IsReadyAsync(linked.Token))
            {
                if (process is { HasExited: true })
                {
                    throw new RedisServerStartException($"{_server.Program} did not start: {Describe()}");
                }

                await Task.Delay(2, linked.Token);
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RedisServerStartException(
                process is null
                    ? $"The redis-server in {_folder} belongs to another running process and does not answer at {_server.Socket}."
                    : $"{_server.Program} was not ready in time: {Describe()}",
                exception);
        }

        _wasReady = true;
    }

    private string Describe()
    {
        var words = _server.LastWords;
        var log = Path.Combine(_folder, "redis.log");
        if (File.Exists(log))
        {
            words = $"{words} {string.Join(' ', File.ReadLines(log).TakeLast(3))}".Trim();
        }

        return words.Length == 0 ? "it said nothing." : words;
    }

    /// <summary>The owner thread: launches, waits for the end, and launches again if nobody asked for it.</summary>
    private void Own(TaskCompletionSource<Process> launched)
    {
        try
        {
            var pause = TimeSpan.Zero;
            while (!_stopping.Wait(pause))
            {
                var since = Stopwatch.GetTimestamp();
                try
                {
                    var process = _server.Launch();
                    Interlocked.Exchange(ref _process, process);
                    if (_stopping.IsSet)
                    {
                        // The end was asked for while it was being started again.
                        process.Kill();
                    }

                    launched.TrySetResult(process);
                    process.WaitForExit();
                    if (_stopping.IsSet || !_wasReady)
                    {
                        // Asked to; or it never came up, which the one who starts it reports.
                        return;
                    }

                    RedisLog.EmbeddedDied(_logger, process.ExitCode, Describe());
                }
                catch (Exception exception)
                {
                    if (launched.TrySetException(exception))
                    {
                        return;
                    }

                    RedisLog.EmbeddedNotRestarted(_logger, exception, pause.TotalSeconds);
                }

                // At once after a long life; with a pause when it dies again and again.
                pause = Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(10)
                    ? TimeSpan.Zero
                    : TimeSpan.FromMilliseconds(Math.Min(5000, Math.Max(50, pause.TotalMilliseconds * 2)));
            }
        }
        finally
        {
            _ended.TrySetResult();
        }
    }
}
