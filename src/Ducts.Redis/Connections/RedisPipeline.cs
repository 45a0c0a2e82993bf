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
    private readonly SendBuffer _gathered = new();
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
        bool ask;
        lock (_gate)
        {
            Admit(payload.Length);
            _gathered.Add(command, payload);
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
        bool ask;
        lock (_gate)
        {
            Admit(prelude.Length + payload.Length);
            _gathered.Add(dropped, prelude);
            _gathered.Add(command, payload);
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

            _gathered.Append(payload);
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
        List<RedisCommand> waiting;
        lock (_gate)
        {
            _closed ??= reason;
            _connection = null;
            waiting = _gathered.RemoveAll();
        }

        Fail(waiting, reason.Message, reason);
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Takes a command back that has not been written; false if it has, or may have.</summary>
    public bool TryWithdraw(RedisCommand command)
    {
        lock (_gate)
        {
            return _gathered.TryRemove(command);
        }
    }

    /// <summary>Takes all commands back that have not been written, in order.</summary>
    public List<RedisCommand> WithdrawAll()
    {
        lock (_gate)
        {
            return _gathered.RemoveAll();
        }
    }

    /// <summary>Fails the commands whose time is up.</summary>
    public void Sweep(long now)
    {
        List<RedisCommand> due;
        bool isConnected;
        lock (_gate)
        {
            due = _gathered.RemoveDue(now);
            isConnected = _connection is not null;
        }

        Fail(due, isConnected ? "Redis took no more commands in time." : "There was no connection to Redis in time.", null);
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

        if (_gathered.Length > 0 && (long)_gathered.Length + length > _sendBufferLimit)
        {
            throw RedisConnectionException.NotSent($"{_gathered.Length} bytes of commands wait to be written already.");
        }
    }

    // Under the gate.
    private bool TryAsk()
    {
        if (_flush != Idle || _connection is null || _gathered.Length == 0)
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
                if (_connection is null || _gathered.Length == 0)
                {
                    _flush = Idle;
                    return;
                }

                connection = _connection;
                (batch, bytes, length) = _gathered.TakeAll(Interlocked.Exchange(ref _spareBatch, null));
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
        List<RedisCommand> waiting;
        lock (_gate)
        {
            if (_connection == connection)
            {
                _connection = null;
            }

            // Bytes without commands were meant for that connection.
            if (batch.Count > 0)
            {
                _gathered.PutBack(batch, bytes.AsSpan(0, length));
            }

            waiting = _closed is null ? [] : _gathered.RemoveAll();
        }

        Fail(waiting, _closed?.Message ?? string.Empty, _closed);
    }

    /// <summary>Takes an emptied list, for reuse.</summary>
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
                _gathered.GiveBack(bytes);
            }
        }
    }

    private void Fail(List<RedisCommand> commands, string reason, Exception? cause)
    {
        foreach (var command in commands)
        {
            if (command.TrySettle())
            {
                command.Settled(RedisConnectionException.NotSent(reason, cause));
                Completions.Add(command);
            }
            else
            {
                command.Release();
            }
        }

        if (commands.Count > 0)
        {
            Completions.Schedule();
        }
    }
}
