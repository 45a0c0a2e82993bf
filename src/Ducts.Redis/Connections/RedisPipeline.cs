using System.Diagnostics;

namespace Ducts.Redis;

/// <summary>
/// Gathers the commands of all callers in one buffer and writes what has gathered in one go, while the next gather. What
/// has not been written outlives a lost connection and waits for the next one.
/// </summary>
// Threading: any thread enqueues; the gate is held for a copy of the command's bytes only, never while writing. One
// thread at a time is the writer, by _flush.
internal sealed class RedisPipeline : IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Asked = 1;
    private const int Running = 2;

    /// <summary>Larger buffers are not kept between writes.</summary>
    private const int KeptBuffer = 1 << 20;

    private readonly Lock _gate = new();
    private readonly int _sendBufferLimit;
    private byte[] _bytes = new byte[4096];
    private byte[]? _spareBytes = new byte[4096];
    private int _length;
    private CommandBatch _gathered = new();
    private CommandBatch? _spareBatch;
    private RedisConnection? _connection;
    private RedisConnectionException? _closed;
    private int _flush;
    private Task _sending = Task.CompletedTask;

    public RedisPipeline(CompletionQueue completions, int sendBufferLimit)
    {
        Completions = completions;
        _sendBufferLimit = sendBufferLimit;
    }

    public CompletionQueue Completions { get; }

    /// <summary>Commands ever handed over.</summary>
    public long Commands { get; private set; }

    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _gathered.Count;
            }
        }
    }

    public int Unanswered => _connection?.Unanswered ?? 0;

    public RedisConnection? Connection => _connection;

    /// <summary>Hands a command over.</summary>
    /// <exception cref="RedisConnectionException">It was not sent: too much waits already, or the pipeline is closed.</exception>
    public void Enqueue(RedisCommand command, ReadOnlySpan<byte> payload)
    {
        command.Pipeline = this;
        command.EncodedLength = payload.Length;
        bool ask;
        lock (_gate)
        {
            Admit(payload.Length);
            Append(payload);
            _gathered.Add(command);
            Commands += command.Replies;
            ask = TryAsk();
        }

        if (ask)
        {
            AskForFlush();
        }
    }

    /// <summary>Hands a command over with another one right before it, whose reply is dropped.</summary>
    /// <exception cref="RedisConnectionException">It was not sent.</exception>
    public void EnqueueBehind(ReadOnlySpan<byte> prelude, RedisCommand command, ReadOnlySpan<byte> payload)
    {
        var dropped = RedisCommand<bool>.Rent(static _ => true, tolerant: true);
        dropped.Pipeline = command.Pipeline = this;
        dropped.Deadline = command.Deadline;
        dropped.EncodedLength = prelude.Length;
        command.EncodedLength = payload.Length;
        bool ask;
        lock (_gate)
        {
            Admit(prelude.Length + payload.Length);
            Append(prelude);
            _gathered.Add(dropped);
            Append(payload);
            _gathered.Add(command);
            Commands += 2;
            ask = TryAsk();
        }

        if (ask)
        {
            AskForFlush();
        }
    }

    /// <summary>Hands over bytes whose reply nobody waits for.</summary>
    public void EnqueueUnanswered(ReadOnlySpan<byte> payload)
    {
        bool ask;
        lock (_gate)
        {
            // Without a connection there is no one to tell; whoever connects says it anew.
            if (_connection is null)
            {
                return;
            }

            Append(payload);
            ask = TryAsk();
        }

        if (ask)
        {
            AskForFlush();
        }
    }

    /// <summary>Writes what waits, and from now on what comes, to a connection.</summary>
    public void Attach(RedisConnection connection)
    {
        bool ask;
        lock (_gate)
        {
            _connection = connection;
            ask = TryAsk();
        }

        if (ask)
        {
            AskForFlush();
        }
    }

    public void Detach(RedisConnection connection)
    {
        lock (_gate)
        {
            if (_connection == connection)
            {
                _connection = null;
            }
        }
    }

    /// <summary>Fails what waits and all that comes.</summary>
    public async ValueTask CloseAsync(RedisConnectionException reason)
    {
        lock (_gate)
        {
            _closed ??= reason;
            _connection = null;
            FailGathered(long.MaxValue, reason);
        }

        Completions.Schedule();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Takes a command back that has not been written; false if it has, or may have.</summary>
    public bool TryWithdraw(RedisCommand command)
    {
        lock (_gate)
        {
            var index = _gathered.IndexOf(command);
            if (index < 0)
            {
                return false;
            }

            var offset = 0;
            for (var i = 0; i < index; i++)
            {
                offset += _gathered[i].EncodedLength;
            }

            RemoveBytes(offset, command.EncodedLength);
            _gathered.RemoveRange(index, 1);
            return true;
        }
    }

    /// <summary>Takes all commands back that have not been written, in order.</summary>
    public List<RedisCommand> WithdrawAll()
    {
        lock (_gate)
        {
            var commands = new List<RedisCommand>(_gathered.Count);
            for (var i = 0; i < _gathered.Count; i++)
            {
                commands.Add(_gathered[i]);
            }

            _gathered.Clear();
            _length = 0;
            return commands;
        }
    }

    /// <summary>Fails the commands whose time is up.</summary>
    public void Sweep(long now)
    {
        bool any;
        lock (_gate)
        {
            any = _gathered.Count > 0 && FailGathered(now, RedisConnectionException.NotSent(
                _connection is null ? "There was no connection to Redis in time." : "Redis took no more commands in time."));
        }

        if (any)
        {
            Completions.Schedule();
        }

        _connection?.Sweep(now);
    }

    /// <summary>Writes what waits, if someone was asked to and has not begun.</summary>
    public void FlushIfAsked()
    {
        if (Interlocked.CompareExchange(ref _flush, Running, Asked) == Asked)
        {
            Flush();
        }
    }

    void IThreadPoolWorkItem.Execute() => FlushIfAsked();

    private void Admit(int length)
    {
        if (_closed is not null)
        {
            throw RedisConnectionException.NotSent(_closed.Message, _closed);
        }

        if (_length > 0 && (long)_length + length > _sendBufferLimit)
        {
            throw RedisConnectionException.NotSent($"{_length} bytes of commands wait to be written already.");
        }
    }

    private void Append(ReadOnlySpan<byte> payload)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "The buffer belongs to the gate.");
        var needed = (long)_length + payload.Length;
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(needed, _bytes.Length * 2L), Array.MaxLength));
        }

        payload.CopyTo(_bytes.AsSpan(_length));
        _length += payload.Length;
    }

    // Under the gate.
    private bool TryAsk()
    {
        if (_flush != Idle || _connection is null || _length == 0)
        {
            return false;
        }

        _flush = Asked;
        return true;
    }

    private void AskForFlush()
    {
        // A lone caller writes at once, which saves it the way over another thread. Otherwise the thread that is asked
        // finds more gathered the busier it is here.
        if (Unanswered == 0 && (!CompletionQueue.IsDraining || Completions.IsEmpty))
        {
            FlushIfAsked();
            return;
        }

        if (CompletionQueue.IsDraining)
        {
            CompletionQueue.Touch(this);
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Flush()
    {
        while (true)
        {
            RedisConnection connection;
            CommandBatch batch;
            byte[] bytes;
            int length;
            lock (_gate)
            {
                if (_connection is null || _length == 0)
                {
                    _flush = Idle;
                    return;
                }

                connection = _connection;
                batch = _gathered;
                bytes = _bytes;
                length = _length;
                _gathered = Interlocked.Exchange(ref _spareBatch, null) ?? new CommandBatch();
                _bytes = _spareBytes ?? new byte[4096];
                _spareBytes = null;
                _length = 0;
            }

            if (!connection.TryExpect(batch))
            {
                TakeBack(connection, batch, bytes, length);
                continue;
            }

            var sending = connection.SendAsync(bytes.AsMemory(0, length));
            if (!sending.IsCompletedSuccessfully)
            {
                _sending = FinishAsync(sending, bytes);
                return;
            }

            Return(bytes);
        }
    }

    private async Task FinishAsync(ValueTask sending, byte[] bytes)
    {
        await sending;
        Return(bytes);

        // On a thread of its own: the next write may be as slow.
        Flush();
    }

    /// <summary>The connection was lost before anything of this was written.</summary>
    private void TakeBack(RedisConnection connection, CommandBatch batch, byte[] bytes, int length)
    {
        lock (_gate)
        {
            if (_connection == connection)
            {
                _connection = null;
            }

            var merged = new byte[Math.Max(4096, length + _length)];
            bytes.AsSpan(0, length).CopyTo(merged);
            _bytes.AsSpan(0, _length).CopyTo(merged.AsSpan(length));
            _bytes = merged;
            _length += length;
            _gathered.Prepend(batch);
            if (_closed is not null)
            {
                FailGathered(long.MaxValue, _closed);
            }
        }

        Completions.Schedule();
    }

    public void Return(CommandBatch batch)
    {
        batch.Clear();
        if (batch.IsReusable)
        {
            Volatile.Write(ref _spareBatch, batch);
        }
    }

    private void Return(byte[] bytes)
    {
        if (bytes.Length <= KeptBuffer)
        {
            lock (_gate)
            {
                _spareBytes = bytes;
            }
        }
    }

    // Under the gate. Those that stay move up, in one pass.
    private bool FailGathered(long now, RedisConnectionException reason)
    {
        var from = 0;
        var to = 0;
        var kept = 0;
        for (var i = 0; i < _gathered.Count; i++)
        {
            var command = _gathered[i];
            var length = command.EncodedLength;
            if (command.Deadline > now)
            {
                if (from != to)
                {
                    Buffer.BlockCopy(_bytes, from, _bytes, to, length);
                }

                to += length;
                _gathered[kept++] = command;
            }
            else if (command.TrySettle())
            {
                command.Settled(RedisConnectionException.NotSent(Reason(reason), reason.InnerException));
                Completions.Add(command);
            }
            else
            {
                command.Release();
            }

            from += length;
        }

        if (kept == _gathered.Count)
        {
            return false;
        }

        _length = to;
        _gathered.Truncate(kept);
        return true;
    }

    private static string Reason(RedisConnectionException exception) =>
        exception.Message.Replace(" The command was not sent.", string.Empty, StringComparison.Ordinal);

    private void RemoveBytes(int offset, int count)
    {
        Buffer.BlockCopy(_bytes, offset + count, _bytes, offset, _length - offset - count);
        _length -= count;
    }
}
