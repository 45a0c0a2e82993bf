using Ducts.Protocol;

namespace Ducts.Connections;

/// <summary>
/// Reads a connection's messages and hands them on. Several messages that came in one read are handled one after the other,
/// and what they answer leaves in one write.
/// </summary>
/// <remarks>
/// Threading: one loop reads a connection at a time. When a handler keeps the thread, <see cref="DispatchWatch"/> moves the
/// reading to a new loop; this one then ends as soon as the handler returns. Both decide by the same word
/// (<see cref="_dispatch"/>): even numbers mean reading, odd ones the dispatch of that number, -1 taken over.
/// </remarks>
internal sealed class ReceiveLoop(Connection connection, DispatchWatch watch, MessageReader reader)
{
    private const long TakenOver = -1;

    private readonly IMessageReceiver _receiver = connection.Owner.CreateReceiver();
    private DispatchWatch.Section? _section;
    private long _batch;
    private long _dispatch;
    private long _seen;
    private int _parted;

    private enum Step
    {
        Read,
        Pause,
        End,
        Abandon,
    }

    /// <summary>Gets which batch of messages is being dispatched, and which message of the connection.</summary>
    public (long Batch, long Dispatch) Position => (Volatile.Read(ref _batch), Volatile.Read(ref _dispatch));

    /// <summary>
    /// Returns whether the message that was being dispatched at a position still is. Between two messages, that is the second
    /// one: its handler may have been looked up already. A handler that keeps its thread does not count.
    /// </summary>
    public bool IsAt((long Batch, long Dispatch) position)
    {
        var (batch, dispatch) = Position;
        return batch == position.Batch && dispatch != TakenOver && dispatch <= (position.Dispatch | 1);
    }

    /// <summary>Reads until the connection ends or closes, or another loop has taken over.</summary>
    /// <returns>False when another loop has taken over.</returns>
    public async Task<bool> RunAsync()
    {
        while (true)
        {
            switch (DispatchBuffered())
            {
                case Step.Abandon:
                    return false;
                case Step.End:
                    reader.Release();
                    return true;
                case Step.Pause:
                    connection.Owner.Outbox.Signal();
                    await connection.Owner.WaitForCapacityAsync(connection.Lost);
                    continue;
            }

            connection.Owner.Outbox.Signal();
            reader.ReleaseIfIdle();
            if (reader.IsIdle)
            {
                await connection.ReadAsync(Memory<byte>.Empty);
            }

            var count = await connection.ReadAsync(reader.PrepareRead());
            if (count == 0)
            {
                reader.Release();
                return true;
            }

            reader.Advance(count);
        }
    }

    /// <summary>Called by the watch now and then: a dispatch that it finds twice is left alone with its thread.</summary>
    public void Look()
    {
        var dispatch = Volatile.Read(ref _dispatch);
        if (dispatch == _seen)
        {
            TryTakeOver(dispatch);
        }

        _seen = dispatch;
    }

    private void TryTakeOver(long dispatch)
    {
        // Even numbers mean reading; a loop is taken over once.
        if (dispatch <= 0 || (dispatch & 1) == 0 || Interlocked.CompareExchange(ref _dispatch, TakenOver, dispatch) != dispatch)
        {
            return;
        }

        _receiver.OnBlocked();
        connection.Continue(reader.Split());
        Part();
    }

    private Step DispatchBuffered()
    {
        try
        {
            return DispatchAll();
        }
        finally
        {
            if (_section is { } section)
            {
                _section = null;
                Volatile.Write(ref _batch, _batch + 1);
                DispatchWatch.Leave(this, section);
            }
        }
    }

    private Step DispatchAll()
    {
        while (true)
        {
            if (connection.IsClosing)
            {
                if (!connection.AwaitsCloseFrame)
                {
                    return Step.End;
                }
            }
            else if (!connection.Owner.HasCapacity)
            {
                return Step.Pause;
            }

            var status = reader.TryRead(out var opcode, out var payload);
            switch (status)
            {
                case FrameStatus.Incomplete:
                    return Step.Read;
                case FrameStatus.Complete:
                    break;
                default:
                    connection.Fail(status);
                    return Step.End;
            }

            if (opcode >= Opcode.Close)
            {
                if (!connection.OnControl(opcode, payload.Span))
                {
                    return Step.End;
                }
            }
            else if (!connection.IsClosing && !Dispatch(opcode, payload))
            {
                return Step.Abandon;
            }
        }
    }

    private bool Dispatch(Opcode opcode, ReadOnlyMemory<byte> payload)
    {
        _section ??= watch.Enter(this);
        var dispatch = ++_dispatch;
        _receiver.Receive(opcode == Opcode.Text ? WireEncoding.Json : WireEncoding.MessagePack, payload);
        if (Interlocked.CompareExchange(ref _dispatch, dispatch + 1, dispatch) == dispatch)
        {
            return true;
        }

        connection.Owner.Outbox.Signal();
        Part();
        return false;
    }

    // Both who took over and the handler that returned, possibly at the same moment, need the reader until they are done.
    private void Part()
    {
        if (Interlocked.Increment(ref _parted) < 2)
        {
            return;
        }

        reader.Release();
        _receiver.OnUnblocked();
    }
}
