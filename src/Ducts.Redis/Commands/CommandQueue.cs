using Ducts.Redis.Connections;
using Ducts.Redis.Telemetry;
using StackExchange.Redis;

namespace Ducts.Redis.Commands;

/// <summary>
/// Stands before the library, which has no bounds of its own: what cannot be written waits here, bounded in memory and
/// time and still certain not to be sent; what was handed over is watched, so that its caller hears in time.
/// </summary>
// Threading: the gate guards the lists and the calls' places in them; calls are started outside of it, one thread at a
// time where they had waited, so that they keep their order.
internal sealed class CommandQueue : IDisposable
{
    /// <summary>
    /// Bytes handed over and not answered before further calls wait: what the library was given cannot be taken back, so
    /// a server that has stopped reading gets no more than this. Enough for 20 MB/s at 100 ms of distance.
    /// </summary>
    private const int Window = 2 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly CallList _waiting = new();
    private readonly CallList _postponed = new();
    private readonly CallList _sent = new();
    private readonly RedisLink _link;
    private readonly RedisClientOptions _options;
    private readonly RedisMetrics _metrics;
    private readonly long _timeout;
    private readonly SweepTimer _timer;
    private long _commands;
    private long _waitingBytes;
    private long _sentBytes;
    private bool _isPumping;
    private bool _isDisposed;

    public CommandQueue(RedisLink link, RedisClientOptions options, RedisMetrics metrics)
    {
        _link = link;
        _options = options;
        _metrics = metrics;
        _timeout = (long)(options.CommandTimeout.TotalSeconds * options.TimeProvider.TimestampFrequency);
        var pause = TimeSpan.FromMilliseconds(Math.Clamp(options.CommandTimeout.TotalMilliseconds / 50, 1, 20));
        _timer = new SweepTimer(options.TimeProvider, pause, Sweep);
        _timer.Start();
    }

    public long Commands => Interlocked.Read(ref _commands);

    /// <summary>Gets the calls that wait to be handed over.</summary>
    public int Waiting => _waiting.Count + _postponed.Count;

    /// <summary>Gets the calls handed over that have not come back.</summary>
    public int Unanswered => _sent.Count;

    /// <summary>Gets the time stamp at which the time of a call that starts now is up.</summary>
    public long Deadline => _options.TimeProvider.GetTimestamp() + _timeout;

    /// <summary>Takes a call, and tells its caller the outcome in any case.</summary>
    public ValueTask<T> Run<T>(RedisCall<T> call, CancellationToken cancellationToken, long? deadline = null)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        call.Deadline = deadline ?? Deadline;
        call.Started = _metrics.Start();
        Interlocked.Add(ref _commands, call.Count);
        var result = call.AsValueTask();
        bool isSent;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return ValueTask.FromException<T>(RedisUnavailableException.NotSent("The Redis client was disposed of."));
            }

            _timer.OnCall();
            isSent = _waiting.Count == 0 && !_isPumping && _link.CanSend && HasRoomFor(call);
            if (isSent)
            {
                MoveToSent(call);
            }
            else if (_waitingBytes > 0 && _waitingBytes + call.Size > _options.SendBufferLimit)
            {
                return ValueTask.FromException<T>(RedisUnavailableException.NotSent($"More than {_options.SendBufferLimit} bytes of commands wait for Redis."));
            }
            else
            {
                _waitingBytes += call.Size;
                _waiting.Add(call);
            }
        }

        // Before it starts, so that the registration is there when it ends.
        call.CancelWith(this, cancellationToken);
        if (isSent)
        {
            Start(call);
        }
        else
        {
            Pump();
        }

        return result;
    }

    /// <summary>Tells the caller of an outcome before the call comes back; one that waits is not sent any more.</summary>
    public void Abandon(RedisCall call, Exception reason)
    {
        lock (_gate)
        {
            if (!call.TrySettle())
            {
                return;
            }

            Withdraw(call);
        }

        Settle(call, reason);
    }

    /// <summary>Hands over what waits, as far as there is a connection and room.</summary>
    public void Pump()
    {
        lock (_gate)
        {
            if (_isPumping)
            {
                return;
            }

            _isPumping = true;
        }

        while (true)
        {
            RedisCall? call;
            lock (_gate)
            {
                call = _waiting.First;
                if (call is null || _isDisposed || !_link.CanSend || !HasRoomFor(call))
                {
                    _isPumping = false;
                    return;
                }

                Withdraw(call);
                MoveToSent(call);
            }

            Start(call);
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        List<RedisCall> rest = [];
        lock (_gate)
        {
            _isDisposed = true;
            Take(_waiting, long.MaxValue, rest);
            Take(_postponed, long.MaxValue, rest);
        }

        foreach (var call in rest)
        {
            Settle(call, RedisUnavailableException.NotSent("The Redis client was disposed of."));
        }

        lock (_gate)
        {
            rest.Clear();
            Take(_sent, long.MaxValue, rest);
        }

        foreach (var call in rest)
        {
            Settle(call, RedisUnavailableException.Unanswered("The Redis client was disposed of."));
        }
    }

    private bool HasRoomFor(RedisCall call) => _sentBytes == 0 || _sentBytes + call.Size <= Window;

    private void MoveToSent(RedisCall call)
    {
        call.State = CallState.Sent;
        _sentBytes += call.Size;
        _sent.Add(call);
    }

    // Under the gate.
    private void Withdraw(RedisCall call)
    {
        if (call.List is null)
        {
            return;
        }

        call.List.Remove(call);
        if (call.State == CallState.Waiting)
        {
            _waitingBytes -= call.Size;
        }
    }

    private void Start(RedisCall call)
    {
        Task task;
        try
        {
            task = call.Start();
        }
        catch (Exception exception)
        {
            task = Task.FromException(exception);
        }

        if (task.IsCompleted)
        {
            ComeBack(call, task);
        }
        else
        {
            call.Wait(this, task);
        }
    }

    /// <summary>Takes what a call ended with.</summary>
    public void ComeBack(RedisCall call, Task task)
    {
        var exception = task.IsFaulted ? task.Exception.InnerException! : task.IsCanceled ? new OperationCanceledException() : null;
        if (exception is not null)
        {
            LookAt(exception);
        }

        bool isTheirs, hasMore;
        lock (_gate)
        {
            _sentBytes -= call.Size;
            call.List?.Remove(call);
            if (exception is not null && FailureReader.IsCertainlyNotDone(exception) && !call.IsSettled && !_isDisposed
                && call.Deadline > _options.TimeProvider.GetTimestamp())
            {
                // Tried again at the next tick: there is another connection then, or another node has the key.
                call.State = CallState.Waiting;
                _waitingBytes += call.Size;
                _postponed.Add(call);
                return;
            }

            call.State = CallState.Done;
            isTheirs = call.TrySettle();
            hasMore = _waiting.Count > 0;
        }

        if (isTheirs)
        {
            if (call.Started != 0)
            {
                _metrics.Stop(call.Started);
            }

            if (exception is RedisServerException && FailureReader.IsCertainlyNotDone(exception))
            {
                // It would have been tried again, had there been time: as if it had waited for that.
                call.Fail(RedisUnavailableException.NotSent("Redis did not take the command in time: " + FailureReader.Describe(exception), exception), isAsynchronous: false);
            }
            else
            {
                call.Complete(task);
            }
        }

        if (hasMore)
        {
            Pump();
        }
    }

    private void LookAt(Exception exception)
    {
        var isRedirected = FailureReader.IsCertainlyNotDone(exception);
        if (FailureReader.IsWrongServer(exception) || (isRedirected && _link.CanSend))
        {
            _link.LookAgain(FailureReader.Describe(exception));
        }
    }

    private void Settle(RedisCall call, Exception reason)
    {
        if (call.Started != 0)
        {
            _metrics.Stop(call.Started);
        }

        call.Fail(reason, isAsynchronous: true);
    }

    private void Sweep()
    {
        var now = _options.TimeProvider.GetTimestamp();
        List<RedisCall>? notSent = null;
        List<RedisCall>? unanswered = null;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _timer.OnSweep(isIdle: _waiting.Count + _postponed.Count + _sent.Count == 0);
            if (_waiting.Count + _postponed.Count > 0)
            {
                Take(_waiting, now, notSent = []);
                Take(_postponed, now, notSent);
                Replace();
            }

            if (_sent.First is { } oldest && oldest.Deadline <= now)
            {
                Take(_sent, now, unanswered = []);
            }
        }

        // First, so that who hears of it and goes on does not write to a connection that is given up.
        _link.Sweep(hasExpired: unanswered is not null);
        notSent?.ForEach(call => Settle(call, RedisUnavailableException.NotSent(
            _link.LastError is { } error ? "There was no connection to Redis in time: " + error : "There was no connection to Redis in time.")));
        unanswered?.ForEach(call => Settle(call, RedisUnavailableException.Unanswered("Redis did not answer in time.")));
        Pump();
    }

    // Under the gate. What was postponed goes before what has waited since: it is older.
    private void Replace()
    {
        if (_postponed.Count == 0)
        {
            return;
        }

        List<RedisCall> younger = [];
        while (_waiting.First is { } call)
        {
            _waiting.Remove(call);
            younger.Add(call);
        }

        while (_postponed.First is { } call)
        {
            _postponed.Remove(call);
            _waiting.Add(call);
        }

        younger.ForEach(_waiting.Add);
    }

    // Under the gate. Lists are in the order of their deadlines, but for calls that have a deadline of their own.
    private void Take(CallList list, long now, List<RedisCall> taken)
    {
        for (var call = list.First; call is not null;)
        {
            var next = call.Next;
            if (call.Deadline <= now)
            {
                if (call.TrySettle())
                {
                    taken.Add(call);
                }

                Withdraw(call);
            }
            else if (list == _sent)
            {
                return;
            }

            call = next;
        }
    }
}
