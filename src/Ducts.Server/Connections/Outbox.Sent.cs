namespace Ducts.Connections;

/// <content>What has been sent, where the peer says what it has received.</content>
internal sealed partial class Outbox
{
    /// <summary>Gets whether what has been sent is kept until its receipt comes.</summary>
    public bool KeepsSent => _sent is not null;

    /// <summary>Gets whether pongs say what has been received, so that pings are to ask for it.</summary>
    public bool ConfirmsByPong => _confirmsByPong;

    /// <summary>Gets the number of the last message up to which all have been received.</summary>
    public long Confirmed
    {
        get
        {
            lock (_gate)
                return _sent?.Confirmed ?? _taken;
        }
    }

    /// <summary>Gets whether the peer's receipts are not read for now.</summary>
    public bool IsUnread => Volatile.Read(ref _isUnread);

    /// <summary>From now on what has been sent is kept until its receipt comes. Called before anything is.</summary>
    /// <param name="byPong">Whether pongs are the receipts, see <see cref="ReceiptPings"/>; otherwise the peer says it by numbers.</param>
    public void KeepSent(bool byPong = false)
    {
        _sent = new SentMessages(_account);
        _confirmsByPong = byPong;
    }

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

    /// <summary>The peer of a socket has received all messages up to a number.</summary>
    public void ConfirmByPong(Connection connection, long number)
    {
        TaskCompletionSource? room;
        TaskCompletionSource? kept;
        lock (_gate)
        {
            // What another socket was given has other numbers.
            if (_source != connection || number > _taken || _closed)
                return;
            _sent!.Confirm(number);
            (room, kept) = CountUnconfirmed();
        }

        room?.SetResult();
        kept?.SetResult();
    }

    /// <summary>
    /// Notes that the peer's receipts are not read for now. Until <see cref="EndUnread"/> only what no socket has taken holds up streams
    /// and requests, or both sides would wait for each other.
    /// </summary>
    /// <param name="isBounded">Whether no more is kept meanwhile than may wait: the oldest counts as received.</param>
    public void BeginUnread(bool isBounded) => SetUnread(true, isBounded);

    public void EndUnread() => SetUnread(false, isBounded: false);

    /// <summary>Returns a task that ends once no socket is being given anything.</summary>
    public Task WhenReleased()
    {
        lock (_gate)
        {
            if (_writer is null)
                return Task.CompletedTask;
            _released ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _released.Task;
        }
    }

    /// <summary>Has the messages sent again of which a socket that has ended says that its system never sent them.</summary>
    /// <param name="connection">The socket.</param>
    /// <param name="position">How many of the bytes that the socket was given its system has sent.</param>
    public void ReturnUnsent(Connection connection, long position)
    {
        TaskCompletionSource? room;
        TaskCompletionSource? kept;
        lock (_gate)
        {
            if (_source != connection || _sent is null || _closed)
                return;
            PutBack(_sent.TakeUnsent(position));
            (room, kept) = CountUnconfirmed();
        }

        room?.SetResult();
        kept?.SetResult();
    }

    /// <summary>Takes what has been sent and not confirmed, for whoever decides what of it is sent again. No socket has the outbox.</summary>
    public ChunkList TakeUnconfirmed()
    {
        lock (_gate)
        {
            _source = null;
            if (_closed)
                return default;
            var unconfirmed = _sent!.TakeAll();
            _taken -= unconfirmed.Messages;
            return unconfirmed;
        }
    }

    /// <summary>From now on this socket takes what is sent again, then what waits.</summary>
    /// <param name="connection">The socket; null where none takes it for now.</param>
    /// <param name="again">What is sent again; it belongs to the outbox from now on.</param>
    /// <param name="isDropped">Says of a message that waits whether it is not sent any more; null where all are.</param>
    public void Attach(Connection? connection, ChunkList again, Func<FramedMessage, bool>? isDropped)
    {
        TaskCompletionSource? room;
        TaskCompletionSource? kept;
        TaskCompletionSource? bulk;
        lock (_gate)
        {
            if (_closed)
            {
                again.Return();
                return;
            }

            if (isDropped is not null)
                DropWaiting(isDropped);
            Prepend(again);
            (room, kept) = CountUnconfirmed();
            bulk = _bulk.TakeIfReached(_gone);
            _owner = connection;
            _source = connection;
            _sender = connection?.Sender;
        }

        room?.SetResult();
        kept?.SetResult();
        bulk?.SetResult();
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
            _source = connection;
            _sender = connection.Sender;
            // What the old socket is just being given is among what was sent once it has let go of it.
            _rewinds = _writer is not null;
            _sent.Confirm(received);
            if (!_rewinds)
            {
                PutBack(_sent.TakeAll());
                (room, kept) = CountUnconfirmed();
            }
        }

        room?.SetResult();
        kept?.SetResult();
        return RewindStatus.Fits;
    }

    private void SetUnread(bool isUnread, bool isBounded)
    {
        TaskCompletionSource? room;
        TaskCompletionSource? kept;
        lock (_gate)
        {
            (_isUnread, _isBounded) = (isUnread, isBounded);
            if (_closed || _sent is null)
                return;
            (room, kept) = CountUnconfirmed();
        }

        room?.SetResult();
        kept?.SetResult();
    }

    // A socket takes no more of a chunk. Where the peer says what it has received, it does not matter what of it was sent; where
    // pongs do, what the socket has not taken whole has not arrived.
    private void Keep(OutboxChunk chunk, int handed)
    {
        TaskCompletionSource? room;
        TaskCompletionSource? kept;
        TaskCompletionSource? bulk;
        TaskCompletionSource? released;
        Sender? next;
        lock (_gate)
        {
            Uncount(chunk);
            if (_closed)
                chunk.Return();
            else if (handed == chunk.Length)
                AddSent(chunk);
            else
                AddSent(chunk, handed);
            if (_rewinds)
                PutBack(_sent!.TakeAll());
            _rewinds = false;
            (room, kept) = CountUnconfirmed();
            bulk = _bulk.TakeIfReached(_gone);
            next = _owner == _writer ? null : _sender;
            released = EndWriting();
        }

        room?.SetResult();
        kept?.SetResult();
        bulk?.SetResult();
        released?.SetResult();
        next?.Signal();
    }

    private void AddSent(OutboxChunk chunk)
    {
        _sent!.Add(chunk);
        // No pong comes that could confirm it.
        if (_confirmsByPong && !_writer!.CarriesPings)
            _sent.Confirm(_sent.Last);
    }

    private void AddSent(OutboxChunk chunk, int handed)
    {
        if (chunk.TakeWhole(handed) is { } whole)
            AddSent(whole);
        PutBack(ChunkList.Of(chunk));
    }

    // Messages that had been taken wait again, before the others.
    private void PutBack(ChunkList messages)
    {
        _taken -= messages.Messages;
        Prepend(messages);
    }

    private void Prepend(ChunkList messages)
    {
        for (var chunk = messages.First; chunk is not null; chunk = chunk.Next)
        {
            _bytes += chunk.Cost;
            // They have gone once already, and go again.
            _gone -= chunk.Cost;
            _memory += chunk.Memory;
            _account.Take(chunk.Memory);
        }

        _chunks.Prepend(messages);
    }

    private void Uncount(OutboxChunk chunk)
    {
        _bytes -= chunk.Cost;
        _gone += chunk.Cost;
        _memory -= chunk.Memory;
        _account.Give(chunk.Memory);
    }

    private void DropWaiting(Func<FramedMessage, bool> isDropped)
    {
        var remaining = default(ChunkList);
        while (TryRemove(out var chunk))
        {
            Uncount(chunk);
            if (chunk.Without(isDropped) is { } rest)
                remaining.Append(rest);
        }

        Prepend(remaining);
    }

    private (TaskCompletionSource? Room, TaskCompletionSource? Kept) CountUnconfirmed()
    {
        if (_isBounded)
            _sent!.ConfirmOldest(limit - _bytes);
        _unconfirmed = _isUnread ? 0 : _sent!.Bytes;
        return (TakeRoomWaiters(), _kept.TakeIfReached(_bytes + _unconfirmed));
    }
}
