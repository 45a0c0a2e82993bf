using System.Globalization;
using Ducts.Redis;
using Ducts.Redis.Subscriptions;

namespace Ducts.Concurrency.Model;

/// <summary>A subscriber that notes what it is told.</summary>
internal sealed class NotingSink(ModelRedis redis) : IMessageSink
{
    private readonly Lock _gate = new();
    private readonly List<int> _received = [];
    private int _knownUpTo;
    private bool _isEnded;
    private bool _isDoubled;
    private TaskCompletionSource _noted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsEnded
    {
        get
        {
            lock (_gate)
            {
                return _isEnded;
            }
        }
    }

    public Task WhenReceivedAsync(int number) => UntilAsync(() => _received.Contains(number));

    /// <summary>Waits until each message that was published so far has come, or was followed by word that something may be missing.</summary>
    public Task WhenAllIsKnownAsync()
    {
        var published = redis.Published;
        return UntilAsync(() => Enumerable.Range(1, published).All(number => number <= _knownUpTo || _received.Contains(number)));
    }

    public void OnMessage(RedisMessage message)
    {
        lock (_gate)
        {
            var number = int.Parse(message.Payload, CultureInfo.InvariantCulture);
            _isDoubled |= _received.Contains(number);
            _received.Add(number);
            Note();
        }
    }

    public void OnResubscribed()
    {
        lock (_gate)
        {
            // A subscriber looks back now, and finds what was published before.
            _knownUpTo = redis.Published;
            Note();
        }
    }

    public void OnEnded()
    {
        lock (_gate)
        {
            _isEnded = true;
            Note();
        }
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (true)
        {
            Task noted;
            lock (_gate)
            {
                Assert.False(_isDoubled);
                if (condition())
                {
                    return;
                }

                noted = _noted.Task;
            }

            await noted;
        }
    }

    // Under the gate.
    private void Note()
    {
        _noted.TrySetResult();
        _noted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
