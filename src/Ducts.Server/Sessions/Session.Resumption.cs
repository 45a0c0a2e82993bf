using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <content>Sessions of version 2: how a connection takes one over without losing anything.</content>
internal sealed partial class Session
{
    // How often it is looked whether a message that was received before has been handled.
    private static readonly TimeSpan HandlingInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>Gets what is kept so that nothing is lost with a connection; null for a client that does not count.</summary>
    public Resumption? Resumption { get; }

    /// <summary>A connection whose client says what it has received takes the session over; the one that it had is closed.</summary>
    /// <param name="connection">The connection, which has not begun to send.</param>
    /// <param name="hello">What its client has said.</param>
    /// <param name="encoding">How it has said it.</param>
    /// <param name="ready">Ends when the connection may be read.</param>
    /// <returns>Null when it has the session; otherwise how the connection is to be closed.</returns>
    public SessionEnd? TryResume(Connection connection, Hello hello, WireEncoding encoding, out Task ready)
    {
        Connection? replaced;
        ResumingReceiver? before;
        Task<bool> hooks;
        bool isFirst;
        long received;
        ready = Task.CompletedTask;
        var resumption = Resumption!;
        // A client of another life, or of none yet, has received nothing of this one.
        var isLost = hello.Life is not null && hello.Life != resumption.Life;
        var hasReceived = hello.Life is null || isLost ? 0 : hello.Received;
        lock (_gate)
        {
            if (_state >= SessionState.Ending)
                return _end!.ToLateConnection;
            if (hello.Attempt <= resumption.Attempt)
                return new SessionEnd(CloseCode.OlderAttempt, "a later attempt has come");
            switch (Outbox.Attach(connection, hasReceived, out var missing))
            {
                case RewindStatus.Ahead:
                    return SetEnding(SessionEnd.OutOfStep("received more than was sent"));
                case RewindStatus.Gap:
                    return SetEnding(new SessionEnd(CloseCode.Gap, $"gap {missing.First}-{missing.Last}"));
                case RewindStatus.Closed:
                    return SessionEnd.Left.ToLateConnection;
            }

            resumption.Attempt = hello.Attempt;
            before = resumption.Receiver;
            received = resumption.Begin(connection, encoding, hasReceived);
            replaced = _connection;
            _connection = connection;
            _state = SessionState.Connected;
            hooks = _connectedHooks ??= _changes.TellAsync(SessionChange.Connected);
            isFirst = !_hasOpened;
            _hasOpened = true;
            if (!isFirst)
                _ = _changes.TellAsync(SessionChange.Reconnected);
        }

        resumption.Welcome(connection, received, isLost);
        resumption.Tell();
        Clock.Start();
        ready = AdmitAsync(hooks, connection, before);
        replaced?.SendClose(SessionEnd.Replaced.Code, SessionEnd.Replaced.Reason);
        if (!isFirst)
            Log.Reconnected(SessionId);
        return null;
    }

    /// <summary>Gets what cuts connections from which no receipt comes.</summary>
    public ReceiptWatch Receipts { get; }

    /// <summary>Gets the divided messages that are under way, or not confirmed.</summary>
    public DividedTransfers Transfers { get; } = new();

    /// <summary>Ends the session without waiting for its hooks.</summary>
    public void EndNow(SessionEnd end) => Registry?.BeginEnd(this, end);

    /// <summary>Ends the session because its client asks for it, and answers that before anything else that waits.</summary>
    /// <param name="reply">The answer, in MessagePack.</param>
    /// <param name="encoding">How the request was written.</param>
    public void EndFor(MessageBuffer reply, WireEncoding encoding)
    {
        Channel.SendBeside(reply, encoding);
        EndNow(SessionEnd.AskedFor);
    }

    // What was received before comes first, also when it is still being handled.
    private async Task AdmitAsync(Task<bool> hooks, Connection connection, ResumingReceiver? before)
    {
        while (before is { IsHandling: true })
        {
            await Task.Delay(HandlingInterval, _context.Time);
        }

        await AdmitAsync(hooks, connection, Task.CompletedTask);
    }

    /// <summary>
    /// Gives the outbox of a session whose client does not count to another connection: what the one before had received comes first,
    /// then what it was sent and has not confirmed.
    /// </summary>
    /// <param name="before">Ends when the connection before has got that far itself.</param>
    /// <param name="replaced">The connection before; null where that has ended.</param>
    /// <param name="connection">The connection.</param>
    private async Task ResendAsync(Task before, Connection? replaced, Connection connection)
    {
        // Not under the session's lock.
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await ResendAsync(replaced, connection);
        }
        catch (Exception exception)
        {
            // Nothing is expected here; what was sent may be lost, so the session cannot go on as if it were not.
            Log.ResendFailed(exception, SessionId);
            EndNow(SessionEnd.OutOfStep("what was not confirmed is lost"));
        }
    }

    private async Task ResendAsync(Connection? replaced, Connection connection)
    {
        if (replaced is not null)
        {
            await replaced.HandOverAsync(SessionEnd.Replaced.Code, SessionEnd.Replaced.Reason);
        }

        var review = new ResendReview(this);
        var again = review.Run(Outbox.TakeUnconfirmed());
        lock (_gate)
        {
            // Where yet another has come meanwhile, or this one has ended, it waits for the next.
            Outbox.Attach(_connection == connection ? connection : null, again, review.IsDropped);
            Receipts.Restart();
        }

        Outbox.Signal();
    }
}
