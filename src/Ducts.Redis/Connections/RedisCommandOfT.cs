using System.Threading.Tasks.Sources;

namespace Ducts.Redis;

/// <summary>A command whose reply becomes a <typeparamref name="T"/>; awaited without a task.</summary>
internal sealed class RedisCommand<T> : RedisCommand, IValueTaskSource<T>
{
    private static readonly RedisCommandPool<RedisCommand<T>> Pool = new();

    // Run decides the thread; see CompletionQueue.
    private ManualResetValueTaskSourceCore<T> _core = new() { RunContinuationsAsynchronously = false };
    private Func<RedisValue, T>? _convert;
    private bool _tolerant;

    /// <param name="convert">Makes the result of the reply, on the thread of the one who waits.</param>
    /// <param name="replies">The number of replies; more than one are converted as an array, errors among them.</param>
    /// <param name="tolerant">Whether an error is a reply to convert, not an exception.</param>
    public static RedisCommand<T> Rent(Func<RedisValue, T> convert, int replies = 1, bool tolerant = false)
    {
        var command = Pool.TryTake() ?? new RedisCommand<T>();
        command._convert = convert;
        command._tolerant = tolerant;
        command.Begin(replies);
        return command;
    }

    public ValueTask<T> AsValueTask() => new(this, _core.Version);

    public T GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Consumed();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    public override void Run()
    {
        // The one who awaits still holds the command, so this is never the last to let go.
        Release();
        T result;
        try
        {
            if (Error is { } error)
            {
                _core.SetException(error);
                return;
            }

            if (Reply.IsError && !_tolerant)
            {
                _core.SetException(new RedisException(Reply.ErrorText));
                return;
            }

            result = _convert!(Reply);
        }
        catch (Exception exception) when (exception is InvalidCastException or IndexOutOfRangeException or RedisException or NullReferenceException)
        {
            // The reply is not of the shape that the command has: a module's or a script's own.
            _core.SetException(exception);
            return;
        }

        _core.SetResult(result);
    }

    protected override void Recycle()
    {
        _convert = null;
        _core.Reset();
        Pool.Put(this);
    }
}
