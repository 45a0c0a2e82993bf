using Ducts.Dispatch;

namespace Ducts.Connections;

/// <summary>
/// Reads a socket's messages and dispatches them. Several messages that came in one read are dispatched one after the
/// other, and what they answer leaves in one write.
/// </summary>
/// <remarks>
/// Threading: one loop reads a socket at a time. When a handler keeps the thread, <see cref="DispatchWatch"/> moves the
/// reading to a new loop; this one then ends as soon as the handler returns. Both decide by the same word
/// (<see cref="_dispatch"/>): even numbers mean reading, odd ones the dispatch of that number, -1 taken over.
/// </remarks>
internal sealed class ReceiveLoop
{
    private const long TakenOver = -1;

    private readonly Connection _connection;
    private readonly Dispatcher _dispatcher;
    private readonly MessageReader _reader;
    private readonly InvocationScope _scope;
    private long _dispatch;
    private int _parted;

    public ReceiveLoop(Connection connection, Dispatcher dispatcher, MessageReader reader)
    {
        _connection = connection;
        _dispatcher = dispatcher;
        _reader = reader;
        _scope = new InvocationScope(connection.Session, dispatcher);
    }

    private enum Step
    {
        Read,
        Pause,
        End,
        Abandon,
    }

    /// <summary>The number of the dispatch that runs, or an even number when none does.</summary>
    public long CurrentDispatch => Volatile.Read(ref _dispatch);

    /// <summary>Reads until the socket ends, the connection closes, or another loop has taken over.</summary>
    /// <returns>False when another loop has taken over.</returns>
    public async Task<bool> RunAsync()
    {
        while (true)
        {
            switch (ReadBuffered())
            {
                case Step.Abandon:
                    return false;
                case Step.End:
                    _reader.Release();
                    return true;
                case Step.Pause:
                    _connection.Session.Outbox.Signal();
                    await _connection.Session.WaitForCapacityAsync(_connection.Lost);
                    continue;
            }

            _connection.Session.Outbox.Signal();
            _reader.ReleaseIfIdle();
            if (_reader.IsIdle)
                await _connection.ReadAsync(Memory<byte>.Empty);
            var count = await _connection.ReadAsync(_reader.PrepareRead());
            if (count == 0)
            {
                _reader.Release();
                return true;
            }

            _reader.Advance(count);
        }
    }

    /// <summary>Moves the reading to a new loop when the dispatch of this number still runs.</summary>
    public void TryTakeOver(long dispatch)
    {
        if (!IsRunning(dispatch) || Interlocked.CompareExchange(ref _dispatch, TakenOver, dispatch) != dispatch)
            return;
        // The request goes on alone: from now on it counts as one that has not been answered.
        _connection.Session.Requests.Began();
        _connection.Continue(new ReceiveLoop(_connection, _dispatcher, _reader.Split()));
        Part();
    }

    // Even numbers mean reading; a loop is taken over once.
    private static bool IsRunning(long dispatch) => dispatch > 0 && (dispatch & 1) == 1;

    private Step ReadBuffered()
    {
        while (true)
        {
            if (_connection.IsClosing)
            {
                if (!_connection.AwaitsCloseFrame)
                    return Step.End;
            }
            else if (!_connection.Session.HasCapacity)
            {
                return Step.Pause;
            }

            var status = _reader.TryRead(out var opcode, out var payload);
            switch (status)
            {
                case FrameStatus.Incomplete:
                    return Step.Read;
                case FrameStatus.Complete:
                    break;
                default:
                    _connection.Fail(status);
                    return Step.End;
            }

            if (opcode >= Opcode.Close)
            {
                if (!_connection.OnControl(opcode, payload.Span))
                    return Step.End;
            }
            else if (!_connection.IsClosing && !Dispatch(opcode, payload))
            {
                return Step.Abandon;
            }
        }
    }

    private bool Dispatch(Opcode opcode, ReadOnlyMemory<byte> payload)
    {
        var slot = DispatchSlot.Current;
        var dispatch = ++_dispatch;
        slot.Loop = this;
        try
        {
            _dispatcher.Dispatch(_scope, opcode == Opcode.Text ? WireEncoding.Json : WireEncoding.MessagePack, payload);
        }
        finally
        {
            slot.Loop = null;
        }

        if (Interlocked.CompareExchange(ref _dispatch, dispatch + 1, dispatch) == dispatch)
            return true;

        _connection.Session.Outbox.Signal();
        Part();
        return false;
    }

    // Both who took over and the handler that returned, possibly at the same moment, need the reader until they are done.
    private void Part()
    {
        if (Interlocked.Increment(ref _parted) < 2)
            return;
        _reader.Release();
        _connection.Session.Requests.Ended();
    }
}
