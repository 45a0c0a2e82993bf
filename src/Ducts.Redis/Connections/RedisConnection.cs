using System.Runtime.CompilerServices;

namespace Ducts.Redis;

/// <summary>One connection: a chain of commands that wait for replies, and the loop that reads them.</summary>
// Threading: one writer (TryExpect, SendAsync), one reader (the loop). The chain is advanced by whoever holds the read
// gate: the reader for the length of one received piece, the sweep, and the end of the connection.
internal sealed class RedisConnection
{
    private const int BufferSize = 64 * 1024;

    private readonly Lock _readGate = new();
    private readonly RedisTransport _transport;
    private readonly CompletionQueue _completions;
    private readonly IRedisClock _clock;
    private readonly Action<RedisConnection, RedisValue>? _unasked;
    private readonly RespParser _parser = new();
    private readonly TaskCompletionSource<Exception> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action _received;
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
    private int _filled;
    private ValueTaskAwaiter<int> _receiving;
    private CommandBatch _head;
    private CommandBatch _tail;
    private RedisPipeline? _pipeline;
    private int _unanswered;
    private long _answered;
    private Exception? _reason;

    /// <param name="transport">The open connection.</param>
    /// <param name="completions">Where those who wait go on.</param>
    /// <param name="clock">The client's coarse time.</param>
    /// <param name="unasked">Takes what comes without a command, on the reading thread; null: only pushes may, and are dropped.</param>
    public RedisConnection(RedisTransport transport, CompletionQueue completions, IRedisClock clock, Action<RedisConnection, RedisValue>? unasked = null)
    {
        _transport = transport;
        _completions = completions;
        _clock = clock;
        _unasked = unasked;
        _head = _tail = new CommandBatch();
        _received = OnReceived;
        LastReceived = clock.Now;
    }

    /// <summary>Why the connection was lost; completes when it is.</summary>
    public Task<Exception> Lost => _lost.Task;

    public bool IsLost => Volatile.Read(ref _reason) is not null;

    /// <summary>Why it was lost; null while it stands.</summary>
    public Exception? Reason => Volatile.Read(ref _reason);

    public string Endpoint => _transport.Endpoint;

    /// <summary>The RESP version agreed upon.</summary>
    public int Protocol { get; set; } = 3;

    /// <summary>The tick of the last byte that came.</summary>
    public long LastReceived { get; private set; }

    public int Unanswered => Volatile.Read(ref _unanswered);

    /// <summary>Replies ever read.</summary>
    public long Answered => Volatile.Read(ref _answered);

    /// <summary>Begins to read.</summary>
    public void Start() => ReceiveNext();

    /// <summary>The pipeline that gets used lists back.</summary>
    public void ServeFor(RedisPipeline pipeline) => _pipeline = pipeline;

    /// <summary>Puts commands at the end of those that wait for replies; false if the connection is lost, and they are not written.</summary>
    public bool TryExpect(CommandBatch batch)
    {
        if (IsLost)
        {
            return false;
        }

        if (batch.Count == 0)
        {
            _pipeline?.Return(batch);
            return true;
        }

        Interlocked.Add(ref _unanswered, batch.Count);
        _tail.Next = batch;
        _tail = batch;
        Interlocked.MemoryBarrier();
        if (IsLost)
        {
            // Lost meanwhile: the end of the connection may not have seen these, and nothing of them was written; but
            // it may also have failed them. It is one way or the other for all of them.
            return !TryUnexpect(batch);
        }

        return true;
    }

    /// <summary>Writes; a failure ends the connection and is not thrown.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        ValueTask sending;
        try
        {
            sending = _transport.SendAsync(bytes);
        }
        catch (Exception exception)
        {
            Lose(exception);
            return ValueTask.CompletedTask;
        }

        return sending.IsCompletedSuccessfully ? sending : WatchAsync(sending);
    }

    /// <summary>Ends the connection; those who wait for replies are told that the outcome is unknown.</summary>
    public void Lose(Exception reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is not null)
        {
            return;
        }

        _transport.Abort();
        lock (_readGate)
        {
            while (NextCommand() is { } command)
            {
                if (command.TrySettle())
                {
                    command.Settled(RedisConnectionException.Unanswered("The connection to Redis was lost: " + reason.Message, reason));
                    _completions.Add(command);
                }
                else
                {
                    command.Release();
                }
            }
        }

        _completions.Schedule();
        _lost.TrySetResult(reason);
    }

    /// <summary>Fails commands whose time is up; ends a connection on which nothing has come for as long.</summary>
    public void Sweep(long now)
    {
        int expired;
        lock (_readGate)
        {
            expired = Expire(now);
        }

        if (expired > 0)
        {
            _completions.Schedule();
            if (now - LastReceived >= _clock.CommandTimeout)
            {
                Lose(new TimeoutException("Nothing came from Redis for as long as a command may take."));
            }
        }
    }

    // Under the read gate. A command stays in the chain, because its reply may still come.
    private int Expire(long now)
    {
        var expired = 0;
        for (var batch = _head; batch is not null; batch = batch.Next)
        {
            for (var i = batch.First; i < batch.Count; i++)
            {
                var command = batch[i];
                if (command.Deadline == RedisCommand.NoDeadline && !command.IsSettled)
                {
                    // It blocks by right, and those behind it wait their turn.
                    return expired;
                }

                if (command.Deadline <= now && command.TrySettle())
                {
                    command.Hold();
                    command.Settled(RedisConnectionException.Unanswered("Redis did not answer in time."));
                    _completions.Add(command);
                    expired++;
                }
            }
        }

        return expired;
    }

    private async ValueTask WatchAsync(ValueTask sending)
    {
        try
        {
            await sending;
        }
        catch (Exception exception)
        {
            Lose(exception);
        }
    }

    private bool TryUnexpect(CommandBatch batch)
    {
        lock (_readGate)
        {
            for (var link = _head; link is not null; link = link.Next)
            {
                if (link.Next == batch && batch.First == 0)
                {
                    link.Next = null;
                    _tail = link;
                    Interlocked.Add(ref _unanswered, -batch.Count);
                    return true;
                }
            }

            return false;
        }
    }

    // Under the read gate. The last batch stays as the chain's end.
    private RedisCommand? NextCommand()
    {
        var batch = _head;
        while (batch.First == batch.Count)
        {
            var next = batch.Next;
            if (next is null)
            {
                return null;
            }

            _head = next;
            _pipeline?.Return(batch);
            batch = next;
        }

        Interlocked.Decrement(ref _unanswered);
        return batch[batch.First++];
    }

    private void ReceiveNext()
    {
        try
        {
            while (true)
            {
#pragma warning disable CA2012 // Awaited by hand: the next one is asked for before the callers of this one go on.
                _receiving = _transport.ReceiveAsync(_buffer.AsMemory(_filled)).GetAwaiter();
#pragma warning restore CA2012
                if (!_receiving.IsCompleted)
                {
                    break;
                }

                if (!Take(_receiving.GetResult()))
                {
                    return;
                }

                // More is here already: someone else lets the callers go on.
                _completions.Schedule();
            }

            _receiving.UnsafeOnCompleted(_received);
        }
        catch (Exception exception)
        {
            Lose(exception);
        }
    }

    private void OnReceived()
    {
        try
        {
            if (!Take(_receiving.GetResult()))
            {
                return;
            }
        }
        catch (Exception exception)
        {
            Lose(exception);
            return;
        }

        ReceiveNext();

        // From here on another thread may be the reader.
        _completions.Drain();
    }

    private bool Take(int count)
    {
        if (count == 0)
        {
            Lose(new IOException("Redis closed the connection."));
            return false;
        }

        _filled += count;
        LastReceived = _clock.Now;
        RespStatus status;
        var position = 0;
        lock (_readGate)
        {
            var input = _buffer.AsSpan(0, _filled);
            while ((status = _parser.Read(input, ref position, out var value)) == RespStatus.Complete)
            {
                if (!Dispatch(ref value))
                {
                    status = RespStatus.Invalid;
                    break;
                }
            }
        }

        if (status == RespStatus.Invalid)
        {
            Lose(new IOException("What came from Redis is not RESP."));
            return false;
        }

        _buffer.AsSpan(position, _filled - position).CopyTo(_buffer);
        _filled -= position;
        if (_filled == _buffer.Length)
        {
            // An unfinished line; the parser ends it at RespParser.MaxLine.
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        return true;
    }

    // Under the read gate.
    private bool Dispatch(ref RedisValue value)
    {
        if (value.Kind == RedisValueKind.Push || PeekCommand() is not { } command)
        {
            _unasked?.Invoke(this, value);
            return _unasked is not null || value.Kind == RedisValueKind.Push;
        }

        if (!command.Collect(ref value))
        {
            return true;
        }

        NextCommand();
        Volatile.Write(ref _answered, _answered + 1);
        if (command.Route is { } route && route.TryFollow(command, value))
        {
            return true;
        }

        if (command.TrySettle())
        {
            command.Settled(value);
            _completions.Add(command);
        }
        else
        {
            command.Release();
        }

        return true;
    }

    private RedisCommand? PeekCommand()
    {
        var batch = _head;
        while (batch.First == batch.Count)
        {
            if (batch.Next is not { } next)
            {
                return null;
            }

            _head = next;
            _pipeline?.Return(batch);
            batch = next;
        }

        return batch[batch.First];
    }
}
