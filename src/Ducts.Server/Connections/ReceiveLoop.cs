using Ducts.Protocol;

namespace Ducts.Connections;

/// <summary>
/// Reads a connection's messages and hands them on. Several messages that came in one read are handled one after the other,
/// and what they answer leaves in one write.
/// </summary>
/// <remarks>Threading: one loop reads a connection at a time, see <see cref="WatchedLoop"/>.</remarks>
internal sealed class ReceiveLoop(Connection connection, DispatchWatch watch, MessageReader reader) : WatchedLoop(watch)
{
    private readonly IMessageReceiver _receiver = connection.Owner.CreateReceiver(connection);

    private enum Step
    {
        Read,
        Pause,
        LetOthers,
        End,
        Abandon,
    }

    /// <summary>Reads until the connection ends or closes, or another loop has taken over.</summary>
    /// <returns>False when another loop has taken over.</returns>
    public async Task<bool> RunAsync()
    {
        BeginTurn();
        try
        {
            while (true)
            {
                switch (DispatchBuffered())
                {
                    case Step.Abandon:
                        return false;
                    case Step.End:
                        return true;
                    case Step.Pause:
                        connection.Owner.Outbox.Signal();
                        reader.ReleaseIfIdle();
                        _receiver.TryHold(reader.Size, force: true);
                        await connection.PauseAsync(connection.Owner.WaitForCapacityAsync(connection.Lost));
                        BeginTurn();
                        continue;
                    case Step.LetOthers:
                        connection.Owner.Outbox.Signal();
                        await Task.Yield();
                        BeginTurn();
                        continue;
                }

                connection.Owner.Outbox.Signal();
                reader.ReleaseIfIdle();
                if (reader.IsIdle)
                {
                    _receiver.TryHold(0, force: true);
                    var arriving = connection.ReadAsync(Memory<byte>.Empty);
                    if (!arriving.IsCompleted)
                        BeginTurn();
                    await arriving;
                }
                else if (!_receiver.TryHold(reader.SizeToRead, connection.IsReadToEnd))
                {
                    await connection.PauseAsync(_receiver.WaitToHoldAsync(reader.SizeToRead, connection.Lost));
                    BeginTurn();
                    continue;
                }

                var reading = connection.ReadAsync(reader.PrepareRead());
                if (!reading.IsCompleted)
                    BeginTurn();
                var count = await reading;
                if (count == 0)
                {
                    return true;
                }

                reader.Advance(count);
            }
        }
        finally
        {
            if (!IsTakenOver)
            {
                reader.Release();
                _receiver.TryHold(0, force: true);
            }
        }
    }

    protected override void OnTakenOver()
    {
        _receiver.OnBlocked();
        connection.Continue(reader.Split());
    }

    protected override void OnParted()
    {
        reader.Release();
        _receiver.TryHold(0, force: true);
        _receiver.OnUnblocked();
    }

    private Step DispatchBuffered()
    {
        try
        {
            return DispatchAll();
        }
        finally
        {
            EndBatch();
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
            else if (!connection.Owner.HasCapacity && !connection.IsReadToEnd)
            {
                return Step.Pause;
            }

            if (IsTurnOver)
            {
                return Step.LetOthers;
            }

            var status = reader.TryRead(out var opcode, out var payload);
            switch (status)
            {
                case FrameStatus.Incomplete:
                    return Step.Read;
                case FrameStatus.Complete:
                    break;
                default:
                    // First: who sees the close frame may be back before the next line.
                    _receiver.OnRefused(Connection.CodeOf(status));
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
        var encoding = opcode == Opcode.Text ? WireEncoding.Json : WireEncoding.MessagePack;
        if (!_receiver.TryAdmit(encoding, payload))
        {
            return true;
        }

        var dispatch = BeginDispatch();
        _receiver.Receive(encoding, payload);
        if (TryEndDispatch(dispatch))
        {
            return true;
        }

        connection.Owner.Outbox.Signal();
        Part();
        return false;
    }
}
