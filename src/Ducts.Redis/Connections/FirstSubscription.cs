using StackExchange.Redis;

namespace Ducts.Redis.Connections;

/// <summary>Tells when channels may be joined over the first subscribing connection that the library opens.</summary>
// Threading: the event comes on any thread, and may come again meanwhile; whichever wait ends first counts.
internal sealed class FirstSubscription(RedisClientOptions options)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the library has opened a subscribing connection, and renewed on it what was subscribed to.</summary>
    public Task Ready => _ready.Task;

    /// <summary>The subscribing connections were opened with the multiplexer, before anybody could listen.</summary>
    public void SetReady() => _ready.TrySetResult();

    /// <summary>Listens to a multiplexer.</summary>
    public void Watch(ConnectionMultiplexer multiplexer) => multiplexer.ConnectionRestored += (_, restored) =>
    {
        if (restored.ConnectionType == ConnectionType.Subscription && !_ready.Task.IsCompleted)
        {
            // It ends by itself within the time limit and fails with nothing but the multiplexer.
            _ = SettleAsync(multiplexer);
        }
    };

    /// <summary>
    /// Waits for the library's look at its servers, which follows each new connection and which renews whatever is not
    /// confirmed at its end: what is joined meanwhile would be subscribed to twice.
    /// </summary>
    private async Task SettleAsync(ConnectionMultiplexer multiplexer)
    {
        var begin = options.TimeProvider.GetTimestamp();
        try
        {
            // False while another look is under way.
            while (!await multiplexer.ReconfigureAsync("subscribing connection opened") && options.TimeProvider.GetElapsedTime(begin) < options.CommandTimeout)
            {
                await Task.Delay(Pause, options.TimeProvider);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or RedisException or TimeoutException)
        {
            // The connection is lost again, or nobody needs it any more; who subscribes looks for himself.
        }

        SetReady();
    }
}
