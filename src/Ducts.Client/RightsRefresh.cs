namespace Ducts.Client;

// Threading: every member may be called from any thread. At most one task refreshes; the one before it ends without sending anything more.

/// <summary>
/// Renews the rights of a session's user before they expire: asks service discovery anew, with a new token, and hands the new session's id over to the session.
/// Only what the server says of the remaining time counts, so the client's clock may be wrong.
/// </summary>
internal sealed class RightsRefresh(
    Func<CancellationToken, Task<ServiceDiscovery>> discover,
    Func<string, CancellationToken, Task> authenticate,
    Action<DuctsNotAuthorizedException> failed,
    DuctsClientOptions options) : IAsyncDisposable
{
    /// <summary>A timer cannot run for longer than 49 days.</summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(1);

    /// <summary>How long before the expiry to begin, if that is not more than a fifth of the time.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromMinutes(1);

    /// <summary>How long after the expiry to go on: the server gives some time more.</summary>
    private static readonly TimeSpan Overtime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan MinPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private ServiceDiscovery? _rights;
    private CancellationTokenSource? _stop;
    private Task _running = Task.CompletedTask;

    /// <summary>Starts with the rights of a new session.</summary>
    public void Begin(ServiceDiscovery session)
    {
        lock (_lock)
        {
            _rights = options.HasFixedCredentials ? null : session;
            Resume();
        }
    }

    /// <summary>Starts again after <see cref="Stop"/>, at once if the time has come meanwhile.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            Stop();
            if (_rights?.ExpiresIn is null)
            {
                return;
            }

            var stop = _stop = new CancellationTokenSource();
            var before = _running;
            _running = Task.Run(() => RunAsync(before, _rights, stop), CancellationToken.None);
        }
    }

    /// <summary>Stops until the session has a connection again, or for good.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            // Not here: the application's function may be among those that wait for it.
            _ = _stop?.CancelAsync();
            _stop = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync(Task before, ServiceDiscovery rights, CancellationTokenSource stop)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            while (rights.ExpiresIn is { } expiresIn)
            {
                var lead = expiresIn / 5 < Lead ? expiresIn / 5 : Lead;
                await WaitAsync(rights, expiresIn - lead > MinPause ? expiresIn - lead : MinPause, stop.Token).ConfigureAwait(false);
                if (await RenewAsync(rights, expiresIn + Overtime, stop.Token).ConfigureAwait(false) is not { } renewed)
                {
                    return;
                }

                rights = renewed;
                lock (_lock)
                {
                    if (_stop != stop)
                    {
                        return;
                    }

                    _rights = rights;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The session has no connection, or is over.
        }
    }

    private async Task WaitAsync(ServiceDiscovery rights, TimeSpan until, CancellationToken stop)
    {
        while (until - options.TimeProvider.GetElapsedTime(rights.RequestedAt) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < MaxDelay ? left : MaxDelay, options.TimeProvider, stop).ConfigureAwait(false);
        }

        // The timer may have been faster.
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Returns the new rights; null after it has failed for too long.</summary>
    private async Task<ServiceDiscovery?> RenewAsync(ServiceDiscovery rights, TimeSpan until, CancellationToken stop)
    {
        for (var pause = MinPause; ; pause = pause * 2 < MaxPause ? pause * 2 : MaxPause)
        {
            try
            {
                return await RenewOnceAsync(stop).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                var delay = pause * (0.5 + (Random.Shared.NextDouble() / 2)) + ((exception as DuctsConnectionException)?.RetryAfter ?? TimeSpan.Zero);
                if (options.TimeProvider.GetElapsedTime(rights.RequestedAt) + delay > until)
                {
                    failed(new DuctsNotAuthorizedException($"The user's rights could not be renewed before they expired: {exception.Message}", exception));
                    return null;
                }

                await Task.Delay(delay, options.TimeProvider, stop).ConfigureAwait(false);
            }
        }
    }

    private async Task<ServiceDiscovery> RenewOnceAsync(CancellationToken stop)
    {
        var rights = await discover(stop).ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            await authenticate(rights.Ticket, limit.Token).ConfigureAwait(false);
            return rights;
        }
        catch (OperationCanceledException exception) when (!stop.IsCancellationRequested)
        {
            throw new DuctsConnectionException($"The server did not answer AUTHENTICATE within {options.ConnectTimeout}.", exception);
        }
    }
}
