using System.Net.WebSockets;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>A socket on which a session is open.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="Session">The session.</param>
/// <param name="IsNew">Whether the session has just begun, or begun anew, so that whatever was sent in the one before is lost.</param>
internal sealed record Opened(OpenSocket Socket, Session Session, bool IsNew);

// Threading: one task opens and reconnects. Hurry may be called from any thread.

/// <summary>Gets connections back: of the same session, or of a new one once the server has said that the old one is over.</summary>
internal sealed class Reconnector(
    SocketFactory sockets, Func<CancellationToken, Task<ServiceDiscovery>> discover, Action wake, DuctsClientOptions options) : IDisposable
{
    /// <summary>
    /// For how long the status of a refusal is no word about a session of version 2, whose server says it by close codes. It would not be one at all, but for servers
    /// that have been replaced by older ones.
    /// </summary>
    internal static readonly TimeSpan RefusalPatience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _hurry = new();
    private TimeSpan _pause = options.ReconnectMinDelay;
    private bool _wasAtOnce;

    /// <summary>Notes how long a connection lasted.</summary>
    public void ConnectionLost(TimeSpan lasted)
    {
        // One that breaks again and again as soon as it is open is not tried any faster than one that does not open.
        if (lasted > options.ReconnectMaxDelay)
        {
            _pause = options.ReconnectMinDelay;
            _wasAtOnce = false;
        }
    }

    /// <summary>Ends the pause that there is now: the client is to close, and has still something to say.</summary>
    public void Hurry() => _hurry.Cancel();

    public void Dispose() => _hurry.Dispose();

    /// <summary>Opens a session.</summary>
    /// <exception cref="DuctsNotAuthorizedException">The server does not serve this user.</exception>
    /// <exception cref="DuctsConnectionException">The server refuses, or could not serve for as long as the options say.</exception>
    public async Task<Opened> OpenAsync(CancellationToken cancellationToken)
    {
        var started = options.TimeProvider.GetTimestamp();
        Session? session = null;
        while (true)
        {
            (var opened, session, var error) = await OpenAsync(session, cancellationToken).ConfigureAwait(false);
            if (opened is not null)
            {
                return opened;
            }

            var delay = NextPause() + error!.RetryAfter;
            if (ServerAnswer.IsNotAuthorized(error))
            {
                throw new DuctsNotAuthorizedException(error.Message, error);
            }

            if (!ServerAnswer.IsTemporary(error) || options.TimeProvider.GetElapsedTime(started) + delay > options.OpenTimeout)
            {
                throw error;
            }

            await Task.Delay(delay, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gets a connection back, with growing pauses.</summary>
    /// <param name="current">The session that has lost its connection; null if it is over.</param>
    /// <param name="after">What the end of the last connection asks for.</param>
    /// <param name="sessionEnded">Called when the server has said that the session is over.</param>
    /// <param name="notAuthorized">Called once when the server does not give this user a new session.</param>
    /// <param name="cancellationToken">Makes the client give up.</param>
    /// <returns>The connection, or why the client gave up.</returns>
    public async Task<(Opened? Opened, Exception? Failure)> ReconnectAsync(
        Session? current, AfterClose after, Action<Exception> sessionEnded, Action<DuctsNotAuthorizedException> notAuthorized, CancellationToken cancellationToken)
    {
        var started = options.TimeProvider.GetTimestamp();
        var isTold = false;
        var retryAfter = TimeSpan.Zero;
        Session? next = null;
        var isAtOnce = after == AfterClose.ResumeAtOnce && !_wasAtOnce;
        _wasAtOnce = isAtOnce;
        try
        {
            while (true)
            {
                await PauseAsync(isAtOnce ? TimeSpan.Zero : NextPause() + retryAfter, cancellationToken).ConfigureAwait(false);
                isAtOnce = false;
                DuctsConnectionException? error = null;
                if (current is not null)
                {
                    (var opened, error) = await OpenSocketAsync(current, current.Discovery.ReconnectUrl, cancellationToken).ConfigureAwait(false);
                    if (opened is not null)
                    {
                        return (opened, null);
                    }

                    var verdict = Judge(current, error!, options.TimeProvider.GetElapsedTime(started));
                    if (verdict == AfterClose.Close)
                    {
                        return (null, error);
                    }

                    if (verdict == AfterClose.BeginAnew)
                    {
                        current.Exchange?.Dispose();
                        current = null;
                        sessionEnded(error!);
                    }
                }

                if (current is null && error?.CloseCode != CloseCode.GoingAway)
                {
                    (var opened, next, error) = await OpenAsync(next, cancellationToken).ConfigureAwait(false);
                    if (opened is not null)
                    {
                        return (opened with { IsNew = true }, null);
                    }

                    if (ServerAnswer.IsNotAuthorized(error!) && !isTold)
                    {
                        isTold = true;
                        notAuthorized(new DuctsNotAuthorizedException(error!.Message, error));
                    }
                }

                if (options.ReconnectTimeout != Timeout.InfiniteTimeSpan && options.TimeProvider.GetElapsedTime(started) >= options.ReconnectTimeout)
                {
                    return (null, error);
                }

                retryAfter = error!.RetryAfter;
            }
        }
        catch (OperationCanceledException exception)
        {
            return (null, exception);
        }
    }

    private static AfterClose Judge(Session session, DuctsConnectionException error, TimeSpan elapsed)
    {
        if (error.CloseCode is { } code)
        {
            return CloseRules.Of(code, isResumable: true);
        }

        return ServerAnswer.EndsSession(error.StatusCode) && (session.Exchange is null || elapsed >= RefusalPatience) ? AfterClose.BeginAnew : AfterClose.Resume;
    }

    // Where WELCOME was lost, the server has the session.
    private static bool MayLive(Session session, DuctsConnectionException error) => session.Exchange is not null && (error.CloseCode is { } code
        ? CloseRules.Of(code, isResumable: true) is AfterClose.Resume or AfterClose.ResumeAtOnce
        : !ServerAnswer.EndsSession(error.StatusCode));

    /// <summary>Opens a new session.</summary>
    /// <param name="session">One whose WELCOME was lost; null if there is none.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The connection, or why there is none, with the session if that may live.</returns>
    private async Task<(Opened? Opened, Session? Session, DuctsConnectionException? Error)> OpenAsync(Session? session, CancellationToken cancellationToken)
    {
        try
        {
            if (session is null)
            {
                var discovery = await discover(cancellationToken).ConfigureAwait(false);
                session = new Session(discovery, discovery.SessionKey is null ? null : new Exchange(discovery.InboxLimit, options.TimeProvider, wake, discovery.ReceiptBytes));
            }

            var (opened, error) = await OpenSocketAsync(session, session.Discovery.SocketUrl, cancellationToken).ConfigureAwait(false);
            return (opened, opened is null && !MayLive(session, error!) ? null : session, error);
        }
        catch (DuctsConnectionException exception)
        {
            return (null, null, exception);
        }
    }

    private async Task<(Opened? Opened, DuctsConnectionException? Error)> OpenSocketAsync(Session session, Uri url, CancellationToken cancellationToken)
    {
        if (session.Exchange is null)
        {
            var (plain, refusal) = await sockets.OpenAsync(url, cancellationToken).ConfigureAwait(false);
            return (plain is null ? null : new Opened(plain, session, IsNew: false), refusal);
        }

        var (socket, error) = await sockets.OpenAsync(Greeting.AddressOf(url), cancellationToken).ConfigureAwait(false);
        if (socket is null)
        {
            return (null, error);
        }

        try
        {
            (var outcome, error) = await Greeting.GreetAsync(socket.WebSocket, session, options, cancellationToken).ConfigureAwait(false);
            if (error is null)
            {
                return (new Opened(socket, session, outcome == WelcomeOutcome.BegunAnew), null);
            }
        }
        catch (OperationCanceledException)
        {
            socket.WebSocket.Dispose();
            throw;
        }

        socket.WebSocket.Dispose();
        return (null, error);
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        if (_hurry.IsCancellationRequested)
        {
            await Task.Delay(pause, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _hurry.Token);
        try
        {
            await Task.Delay(pause, options.TimeProvider, hurry.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Hurried: only this pause ends early.
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
