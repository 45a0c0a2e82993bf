using System.Net.WebSockets;

namespace Ducts.Client;

/// <summary>What came of an attempt to get a connection back.</summary>
/// <param name="Socket">The socket; null if the client gave up.</param>
/// <param name="NewSession">The discovery of the new session; null if the old one goes on.</param>
/// <param name="Failure">Why the client gave up.</param>
internal readonly record struct Reconnection(ClientWebSocket? Socket, ServiceDiscovery? NewSession, Exception? Failure);

/// <summary>Gets connections back: of the same session, or of a new one once the server has said that the old one is over.</summary>
internal sealed class Reconnector(SocketFactory sockets, Func<CancellationToken, Task<ServiceDiscovery>> discover, DuctsClientOptions options)
{
    private TimeSpan _pause = options.ReconnectMinDelay;

    /// <summary>Notes how long a connection lasted.</summary>
    public void ConnectionLost(TimeSpan lasted)
    {
        // One that breaks again and again as soon as it is open is not tried any faster than one that does not open.
        if (lasted > options.ReconnectMaxDelay)
        {
            _pause = options.ReconnectMinDelay;
        }
    }

    /// <summary>Opens a session.</summary>
    /// <exception cref="DuctsNotAuthorizedException">The server does not serve this user.</exception>
    /// <exception cref="DuctsConnectionException">The server refuses, or could not serve for as long as the options say.</exception>
    public async Task<(ClientWebSocket Socket, ServiceDiscovery Discovery)> OpenAsync(CancellationToken cancellationToken)
    {
        var started = options.TimeProvider.GetTimestamp();
        while (true)
        {
            var (socket, discovery, error) = await OpenNewAsync(cancellationToken).ConfigureAwait(false);
            if (socket is not null)
            {
                return (socket, discovery!);
            }

            var delay = NextPause() + error!.RetryAfter;
            if (ServerAnswer.IsNotAuthorized(error.StatusCode))
            {
                throw new DuctsNotAuthorizedException(error.Message, error);
            }

            if (!ServerAnswer.IsTemporary(error.StatusCode) || options.TimeProvider.GetElapsedTime(started) + delay > options.OpenTimeout)
            {
                throw error;
            }

            await Task.Delay(delay, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gets a connection back, with growing pauses.</summary>
    /// <param name="current">The session that has lost its connection; null if it is over.</param>
    /// <param name="sessionEnded">Called when the server has said that the session is over.</param>
    /// <param name="notAuthorized">Called once when the server does not give this user a new session.</param>
    /// <param name="cancellationToken">Makes the client give up.</param>
    public async Task<Reconnection> ReconnectAsync(
        ServiceDiscovery? current, Action<Exception> sessionEnded, Action<DuctsNotAuthorizedException> notAuthorized, CancellationToken cancellationToken)
    {
        var started = options.TimeProvider.GetTimestamp();
        var isTold = false;
        var retryAfter = TimeSpan.Zero;
        try
        {
            while (true)
            {
                await Task.Delay(NextPause() + retryAfter, options.TimeProvider, cancellationToken).ConfigureAwait(false);
                DuctsConnectionException? error = null;
                if (current is not null)
                {
                    (var socket, error) = await sockets.OpenAsync(current.ReconnectUrl, cancellationToken).ConfigureAwait(false);
                    if (socket is not null)
                    {
                        return new Reconnection(socket, null, null);
                    }

                    if (ServerAnswer.EndsSession(error!.StatusCode))
                    {
                        current = null;
                        sessionEnded(error);
                    }
                }

                if (current is null)
                {
                    (var socket, var discovery, error) = await OpenNewAsync(cancellationToken).ConfigureAwait(false);
                    if (socket is not null)
                    {
                        return new Reconnection(socket, discovery, null);
                    }

                    if (ServerAnswer.IsNotAuthorized(error!.StatusCode) && !isTold)
                    {
                        isTold = true;
                        notAuthorized(new DuctsNotAuthorizedException(error.Message, error));
                    }
                }

                if (options.ReconnectTimeout != Timeout.InfiniteTimeSpan && options.TimeProvider.GetElapsedTime(started) >= options.ReconnectTimeout)
                {
                    return new Reconnection(null, null, error);
                }

                retryAfter = error!.RetryAfter;
            }
        }
        catch (OperationCanceledException exception)
        {
            return new Reconnection(null, null, exception);
        }
    }

    private async Task<(ClientWebSocket? Socket, ServiceDiscovery? Discovery, DuctsConnectionException? Error)> OpenNewAsync(CancellationToken cancellationToken)
    {
        try
        {
            var discovery = await discover(cancellationToken).ConfigureAwait(false);
            var (socket, error) = await sockets.OpenAsync(discovery.SocketUrl, cancellationToken).ConfigureAwait(false);
            return (socket, discovery, error);
        }
        catch (DuctsConnectionException exception)
        {
            return (null, null, exception);
        }
    }

    // Jitter, so that all clients of a server that was away do not come back in one moment.
    private TimeSpan NextPause()
    {
        var pause = _pause;
        _pause = pause * 2 < options.ReconnectMaxDelay ? pause * 2 : options.ReconnectMaxDelay;
        return pause * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
