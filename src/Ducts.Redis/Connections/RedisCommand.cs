using System.Diagnostics;

namespace Ducts.Redis;

/// <summary>
/// A command on its way. Taken from a pool, and given back when all who hold it have let go: who awaits it, the
/// connection until the reply has come (also of a command nobody waits for any more, as replies come in order), and the
/// registration of a cancellation.
/// </summary>
// Threading: whoever wins TrySettle decides the outcome; the others let go.
internal abstract class RedisCommand
{
    public const long NoDeadline = long.MaxValue;

    private int _settled;
    private int _holders;
    private RedisValue[]? _replies;
    private int _received;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private bool _isRegistered;

    /// <summary>Bytes of the encoded command in the gathering buffer.</summary>
    public int EncodedLength { get; set; }

    /// <summary>The tick of the client's clock at which the command's time is up.</summary>
    public long Deadline { get; set; } = NoDeadline;

    /// <summary>When it was handed over; 0 if nobody measures.</summary>
    public long Started { get; set; }

    /// <summary>Where it waits or waited to be written.</summary>
    public RedisPipeline? Pipeline { get; set; }

    /// <summary>Follows redirections; null outside of a cluster.</summary>
    public ClusterRoute? Route { get; set; }

    protected RedisValue Reply { get; private set; }

    protected Exception? Error { get; private set; }

    public bool IsSettled => Volatile.Read(ref _settled) != 0;

    /// <summary>The number of replies Redis will send.</summary>
    public int Replies => _replies?.Length ?? 1;

    /// <summary>Sets the outcome and lets the awaiting code go on, on this thread.</summary>
    public abstract void Run();

    public void Begin(int replies)
    {
        _holders = 2;
        _replies = replies > 1 ? new RedisValue[replies] : null;
    }

    public bool TrySettle() => Interlocked.Exchange(ref _settled, 1) == 0;

    /// <summary>Takes a reply; true when it was the last one.</summary>
    public bool Collect(ref RedisValue value)
    {
        if (_replies is null)
        {
            return true;
        }

        _replies[_received++] = value;
        if (_received < _replies.Length)
        {
            return false;
        }

        value = RedisValue.OfItems(RedisValueKind.Array, _replies);
        return true;
    }

    /// <summary>Begins to collect anew, for a command that is sent once more.</summary>
    public void ForgetReplies() => _received = 0;

    public void Settled(in RedisValue reply) => Reply = reply;

    public void Settled(Exception error) => Error = error;

    public void Hold() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Reset();
            Recycle();
        }
    }

    public void CancelWith(CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
        {
            return;
        }

        Hold();
        _token = cancellationToken;
        _isRegistered = true;
        _registration = cancellationToken.UnsafeRegister(static state => ((RedisCommand)state!).Cancel(), this);
    }

    /// <summary>The awaiting code has its result.</summary>
    protected void Consumed()
    {
        // If the callback runs or ran, it lets go itself.
        if (_isRegistered && _registration.Unregister())
        {
            Release();
        }

        Release();
    }

    protected abstract void Recycle();

    private void Cancel()
    {
        if (!TrySettle())
        {
            Release();
            return;
        }

        Settled(new OperationCanceledException(_token));
        var pipeline = Pipeline;
        Debug.Assert(pipeline is not null, "A registration is made after the command was handed over.");
        if (pipeline.TryWithdraw(this))
        {
            Release();
        }

        pipeline.Completions.Add(this);
        pipeline.Completions.Schedule();
    }

    private void Reset()
    {
        _settled = 0;
        _replies = null;
        _received = 0;
        _registration = default;
        _token = default;
        _isRegistered = false;
        EncodedLength = 0;
        Deadline = NoDeadline;
        Started = 0;
        Pipeline = null;
        Route = null;
        Reply = default;
        Error = null;
    }
}
