using System.Threading.Tasks.Sources;

namespace Ducts.Topics;

/// <summary>Reads a topic from a place on.</summary>
/// <remarks>
/// Threading: one consumer; the reader's shard wakes it, or moves it away when it is too far behind; cancelling comes from
/// any thread. Who changes <see cref="_state"/> from waiting is the one who ends the wait.
/// </remarks>
internal sealed class TopicReader<T> : IAsyncEnumerator<T>, IAsyncEnumerator<TopicItem<T>>, IValueTaskSource<bool>
{
    private const int Reading = 0;
    private const int Waiting = 1;

    private readonly Topic<T> _topic;
    private readonly TopicStream<T>? _sink;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _cancellation;
    private ManualResetValueTaskSourceCore<bool> _core;
    private TopicNode<T> _at;
    private TopicItem<T>? _item;
    private int _state;
    private volatile bool _cancelled;

    /// <summary>Opens a reader.</summary>
    /// <param name="topic">What is read.</param>
    /// <param name="at">The place before the first item.</param>
    /// <param name="sink">Sends items while the consumer waits; null for none.</param>
    /// <param name="cancellationToken">Ends a wait with an exception.</param>
    public TopicReader(Topic<T> topic, TopicNode<T> at, TopicStream<T>? sink, CancellationToken cancellationToken)
    {
        _topic = topic;
        _at = at;
        _sink = sink;
        // Handlers' code may keep its thread, which is the shard's.
        _core.RunContinuationsAsynchronously = true;
        _cancellationToken = cancellationToken;
        // First, for it throws when the token's source is gone.
        _cancellation = cancellationToken.UnsafeRegister(static state => ((TopicReader<T>)state!).Cancel(), this);
        Shard = topic.Add(this);
    }

    public TopicShard<T> Shard { get; }

    T IAsyncEnumerator<T>.Current => Current.Value;

    public TopicItem<T> Current => _item ?? throw new InvalidOperationException("The enumeration has not started.");

    public ValueTask<bool> MoveNextAsync()
    {
        if (_cancelled)
            return ValueTask.FromCanceled<bool>(_cancellationToken);
        if (Volatile.Read(ref _at).Next is not null)
            return Advance();

        _core.Reset();
        Interlocked.Exchange(ref _state, Waiting);
        // What came before the shard could see us wait.
        var misses = Volatile.Read(ref _at).Next is not null || _cancelled;
        return misses && TryEndWait() ? MoveNextAsync() : new ValueTask<bool>(this, _core.Version);
    }

    public ValueTask DisposeAsync()
    {
        _cancellation.Dispose();
        _topic.Remove(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Something was published: ends the wait for it, or looks how far behind the reader is.</summary>
    public void Visit(long last, int limit)
    {
        var at = Volatile.Read(ref _at);
        if (Volatile.Read(ref _state) == Waiting)
        {
            if (at.Next is not null && TryEndWait())
                EndWait();
        }
        else if (last - at.Number > limit)
        {
            // It holds what it has not read, so it is moved away at once, not when it comes back.
            Interlocked.CompareExchange(ref _at, TopicNode<T>.Lost(new TopicLimitException(limit)), at);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _core.GetResult(token);
        return TryAdvance();
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private bool TryEndWait() => Interlocked.CompareExchange(ref _state, Reading, Waiting) == Waiting;

    private void Cancel()
    {
        _cancelled = true;
        Interlocked.MemoryBarrier();
        if (TryEndWait())
            _core.SetException(new OperationCanceledException(_cancellationToken));
    }

    // The wait has been ended by the caller; it begins again when the sink has taken all there is.
    private void EndWait()
    {
        do
        {
            if (_cancelled)
            {
                _core.SetException(new OperationCanceledException(_cancellationToken));
                return;
            }

            if (!TrySink())
            {
                _core.SetResult(true);
                return;
            }

            Interlocked.Exchange(ref _state, Waiting);
            // What came meanwhile found nobody waiting.
        }
        while ((_cancelled || Volatile.Read(ref _at).Next is not null) && TryEndWait());
    }

    // Whether all that is there has been taken.
    private bool TrySink()
    {
        if (_sink is null)
            return false;
        var at = Volatile.Read(ref _at);
        while (at.Next is { IsEnd: false } next && _sink.TryTake(next.Item!))
        {
            if (Interlocked.CompareExchange(ref _at, next, at) != at)
                break;
            at = next;
        }

        _sink.Flush();
        return Volatile.Read(ref _at).Next is null;
    }

    private ValueTask<bool> Advance()
    {
        try
        {
            return new ValueTask<bool>(TryAdvance());
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<bool>(exception);
        }
    }

    private bool TryAdvance()
    {
        while (true)
        {
            var at = Volatile.Read(ref _at);
            var next = at.Next!;
            if (next.IsEnd)
                return next.Error is null ? false : throw next.Error;
            if (Interlocked.CompareExchange(ref _at, next, at) != at)
                continue;
            _item = next.Item;
            return true;
        }
    }
}
