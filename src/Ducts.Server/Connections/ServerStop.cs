using Ducts.Connections.Transport;

namespace Ducts.Connections;

/// <summary>Tells those who answer requests over HTTP that the server stops: at its begin, and when the time of requests is over.</summary>
/// <remarks>Threading: <see cref="Begin"/> is called once; the rest by any thread.</remarks>
internal sealed class ServerStop : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TransportLog _log;
    private readonly CancellationTokenSource _begun = new();
    private readonly CancellationTokenSource _over = new();
    private TimeSpan _patience;
    private long _began;
    private ITimer? _timer;
    private int _requests;
    private volatile TaskCompletionSource? _idle;

    public ServerStop(TimeProvider time, TransportLog log)
    {
        _time = time;
        _log = log;
        // Taken once, for the sources are gone when the last to ask may come.
        Begun = _begun.Token;
        Over = _over.Token;
    }

    /// <summary>Gets a token that is cancelled when the stop begins: streams end.</summary>
    public CancellationToken Begun { get; }

    /// <summary>Gets a token that is cancelled when running requests have had their time.</summary>
    public CancellationToken Over { get; }

    /// <summary>Gets what is left of the time that requests have; zero when it is over.</summary>
    public TimeSpan Left => _patience - _time.GetElapsedTime(_began) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>Begins the stop.</summary>
    /// <param name="patience">How long running requests may go on.</param>
    public void Begin(TimeSpan patience)
    {
        _patience = patience;
        _began = _time.GetTimestamp();
        _ = CancelAsync(_begun);
        _timer = _time.CreateTimer(static state => _ = ((ServerStop)state!).EndAsync(), this, patience, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets the requests over HTTP that are being answered.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>A request over HTTP begins.</summary>
    public void BeginRequest() => Interlocked.Increment(ref _requests);

    /// <summary>A request over HTTP has been answered.</summary>
    public void EndRequest()
    {
        if (Interlocked.Decrement(ref _requests) == 0)
        {
            _idle?.TrySetResult();
        }
    }

    /// <summary>Waits until no request over HTTP is being answered.</summary>
    /// <remarks>The host has to serve them until then: once it stops, it cancels what still waits for the rest of its body.</remarks>
    /// <param name="patience">The longest time to wait.</param>
    public async Task WaitForRequestsAsync(TimeSpan patience)
    {
        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _idle = idle;
        // Which ended before it could be seen.
        Interlocked.MemoryBarrier();
        if (Requests > 0)
        {
            await idle.Task.WaitAsync(patience, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _begun.Dispose();
        _over.Dispose();
    }

    private Task EndAsync() => CancelAsync(_over);

    // What is registered on the tokens is handlers' code: it runs on other threads, and may throw.
    private async Task CancelAsync(CancellationTokenSource source)
    {
        try
        {
            await source.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The server has ended before its time was over.
        }
        catch (Exception exception)
        {
            _log.CancellationFailed(exception);
        }
    }
}
