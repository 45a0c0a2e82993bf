using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <content>How connections take the session over from one another, end, and are waited for.</content>
internal sealed partial class Session
{
    private int _turns;
    private int _turn;
    private Task _resending = Task.CompletedTask;

    /// <summary>Lets it begin as one that lived on another server, and waits for its client there: the hooks of its beginning have run.</summary>
    public void BeginAdopted()
    {
        lock (_gate)
        {
            _hasOpened = true;
            _connectedHooks = Task.FromResult(true);
            _state = SessionState.Waiting;
            _waitingSince = _context.Time.GetTimestamp();
        }

        Clock.Start();
    }

    /// <summary>A handshake begins.</summary>
    /// <returns>The turn of its socket: what has come later is not replaced by what came before.</returns>
    public int TakeTurn() => Interlocked.Increment(ref _turns);

    /// <summary>A socket takes the session over; the one that it had is closed.</summary>
    /// <param name="connection">The socket.</param>
    /// <param name="turn">Its turn.</param>
    /// <param name="ready">Ends when the socket may be read: no request comes before the hooks of the session's start.</param>
    /// <returns>False when the session is over, or a socket whose handshake began later has it.</returns>
    public bool TryAttach(Connection connection, int turn, out Task ready)
    {
        Connection? replaced;
        bool isFirst;
        Task<bool> hooks;
        Task resending;
        ready = Task.CompletedTask;
        lock (_gate)
        {
            if (_state >= SessionState.Ending || turn < _turn)
                return false;
            _turn = turn;
            replaced = _connection;
            _connection = connection;
            _state = SessionState.Connected;
            // Hooks and the outbox' owner change under the same lock as the socket, so that all three have one order.
            if (_hasOpened && Outbox.ConfirmsByPong)
            {
                if (replaced is not null)
                    Outbox.Detach(replaced);
                _resending = ResendAsync(_resending, replaced, connection);
            }
            else
            {
                Outbox.Attach(connection);
            }

            resending = _resending;
            hooks = _connectedHooks ??= _changes.TellAsync(SessionChange.Connected);
            isFirst = !_hasOpened;
            _hasOpened = true;
            if (!isFirst)
                _ = _changes.TellAsync(SessionChange.Reconnected);
        }

        if (Outbox.KeepsSent)
            Clock.Start();
        ready = AdmitAsync(hooks, connection, resending);
        if (!Outbox.ConfirmsByPong)
            replaced?.SendClose(SessionEnd.Replaced.Code, SessionEnd.Replaced.Reason);
        if (!isFirst)
            Log.Reconnected(SessionId);
        return true;
    }

    /// <summary>A socket has ended: the session waits for another, or is over.</summary>
    /// <returns>True when the session is to be closed.</returns>
    public bool OnSocketEnded(Connection connection)
    {
        lock (_gate)
        {
            if (_connection != connection || _state == SessionState.Closed)
                return false;
            _connection = null;
            if (_endWithSocket is { } end)
            {
                SetEnding(end);
                return true;
            }

            _state = SessionState.Waiting;
            _waitingSince = _context.Time.GetTimestamp();
            _ = _changes.TellAsync(SessionChange.WaitsForReconnect);
        }

        Clock.Start();
        Log.WaitsForReconnect(SessionId);
        return false;
    }

    /// <summary>Closes the socket, if there is one, after what is queued; the session is over with it.</summary>
    public void CloseSocket(SessionEnd end, bool drain)
    {
        _endWithSocket = end;
        if (drain)
            _ = DrainSocketAsync(end);
        else
            CurrentConnection?.Close(end.Code, end.Reason);
    }

    // What is queued leaves by the connection that is just being given it.
    private async Task DrainSocketAsync(SessionEnd end)
    {
        Task resending;
        lock (_gate)
            resending = _resending;
        await resending;
        CurrentConnection?.Close(end.Code, end.Reason, drain: true);
    }
}
