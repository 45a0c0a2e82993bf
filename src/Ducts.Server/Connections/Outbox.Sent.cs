namespace Ducts.Connections;

/// <content>What has been sent, where the peer says what it has received.</content>
internal sealed partial class Outbox
{
    /// <summary>From now on what has been sent is kept until <see cref="Confirm"/>. Called before anything is.</summary>
    public void KeepSent() => _sent = new SentMessages(_account);

    /// <summary>The peer has received all messages up to a number.</summary>
    /// <returns>False when so many have not been sent.</returns>
    public bool Confirm(long number)
    {
        TaskCompletionSource? room;
        TaskCompletionSource? kept;
        lock (_gate)
        {
            if (number > _taken)
                return false;
            if (_closed)
                return true;
            _sent!.Confirm(number);
            (room, kept) = CountUnconfirmed();
        }

        room?.SetResult();
        kept?.SetResult();
        return true;
    }

    /// <summary>From now on this socket takes what its peer has not received, then what waits.</summary>
    /// <param name="connection">The socket.</param>
    /// <param name="received">The number of the last message that its peer has received.</param>
    /// <param name="missing">The numbers of the first and the last message that are not kept any more, where there is a gap.</param>
    public RewindStatus Attach(Connection connection, long received, out (long First, long Last) missing)
    {
        TaskCompletionSource? room = null;
        TaskCompletionSource? kept = null;
        missing = default;
        lock (_gate)
        {
            if (_closed)
                return RewindStatus.Closed;
            if (received > _taken)
                return RewindStatus.Ahead;
            if (received < _sent!.Confirmed)
            {
                missing = (received + 1, _sent.Confirmed);
                return RewindStatus.Gap;
            }

            _owner = connection;
            _sender = connection.Sender;
            // What the old socket is just being given is among what was sent once it has let go of it.
            _rewinds = _writer is not null;
            _sent.Confirm(received);
            if (!_rewinds)
                (room, kept) = Rewind();
        }

        room?.SetResult();
        kept?.SetResult();
        return RewindStatus.Fits;
    }

    // A socket takes no more of a chunk: whether it has sent all of it or not, the peer says what it has received.
    private void Keep(OutboxChunk chunk)
    {
        TaskCompletionSource? room;
        TaskCompletionSource? kept;
        TaskCompletionSource? bulk;
        Sender? next;
        lock (_gate)
        {
            _bytes -= chunk.Cost;
            _gone += chunk.Cost;
            _memory -= chunk.Memory;
            _account.Give(chunk.Memory);
            if (_closed)
                chunk.Return();
            else
                _sent!.Add(chunk);
            if (_rewinds)
            {
                _rewinds = false;
                (room, kept) = Rewind();
            }
            else
            {
                (room, kept) = CountUnconfirmed();
            }

            bulk = _bulk.TakeIfReached(_gone);
            next = _owner == _writer ? null : _sender;
            _writer = null;
        }

        room?.SetResult();
        kept?.SetResult();
        bulk?.SetResult();
        next?.Signal();
    }

    // What was sent and is not confirmed comes before what waits.
    private (TaskCompletionSource? Room, TaskCompletionSource? Kept) Rewind()
    {
        var again = _sent!.TakeAll();
        for (var chunk = again.First; chunk is not null; chunk = chunk.Next)
        {
            _taken -= chunk.Messages;
            _bytes += chunk.Cost;
            // They have gone once already, and go again.
            _gone -= chunk.Cost;
            _memory += chunk.Memory;
            _account.Take(chunk.Memory);
        }

        _chunks.Prepend(again);
        return CountUnconfirmed();
    }

    private (TaskCompletionSource? Room, TaskCompletionSource? Kept) CountUnconfirmed()
    {
        _unconfirmed = _sent!.Bytes;
        return (TakeRoomWaiters(), _kept.TakeIfReached(_bytes + _unconfirmed));
    }
}
