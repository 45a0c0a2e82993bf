using System.Diagnostics;
using System.Net.Sockets;

namespace Ducts.Load;

/// <summary>Followers, and one connection that says something when all have heard the last.</summary>
internal sealed class FanOutLoad : ILoad
{
    private const int BufferSize = 4096;
    private const int MaxAttempts = 50;
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);

    private readonly LoadConnection[] _followers;
    private LoadConnection? _speaker;
    private readonly byte[] _request;
    private readonly List<Task> _work = [];
    private readonly SemaphoreSlim _heard = new(0);
    private long _delivered;
    private long _awaited = long.MaxValue;
    private long _said;
    private volatile bool _stopped;

    private FanOutLoad(LoadConnection[] followers, byte[] request)
    {
        _followers = followers;
        _request = request;
    }

    public double Replies => Volatile.Read(ref _delivered);

    public LatencyHistogram Latencies { get; set; } = new();

    public static async Task<FanOutLoad> StartAsync(int port, Dialect dialect, int followers)
    {
        var load = new FanOutLoad(new LoadConnection[followers], dialect.Request);
        for (var i = 0; i < followers; i++)
        {
            var follower = await LoadConnection.OpenAsync(port, dialect, BufferSize, follower: true);
            load._followers[i] = follower;
            await follower.SendAsync(dialect.Follow);
            // Read at once, for a server pings those that are silent while the others are opened.
            load._work.Add(Task.Run(() => load.FollowAsync(follower)));
        }

        load._speaker = await LoadConnection.OpenAsync(port, dialect, BufferSize);
        await load.StartAsync();
        return load;
    }

    public void ThrowIfFailed()
    {
        if (_work.Find(static work => work.IsFaulted) is { } failed)
            failed.GetAwaiter().GetResult();
    }

    public async ValueTask DisposeAsync()
    {
        _stopped = true;
        foreach (var connection in _followers.Append(_speaker!))
        {
            await connection.CloseAsync();
            connection.Dispose();
        }

        _heard.Release();
        foreach (var work in _work)
        {
            try
            {
                await work;
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
            {
                // Its socket has just been closed under it.
            }
        }

        _heard.Dispose();
    }

    private async Task StartAsync()
    {
        // A follower that hears it follows; until all do, it is said again.
        var heard = 0L;
        for (var attempt = 0; heard != _followers.Length; attempt++)
        {
            if (attempt == MaxAttempts)
                throw new IOException($"{heard} of {_followers.Length} followers heard what was said.");
            ThrowIfFailed();
            var before = Volatile.Read(ref _delivered);
            await SayAsync();
            await Task.Delay(Settle);
            heard = Volatile.Read(ref _delivered) - before;
        }

        _work.Add(Task.Run(SpeakAsync));
    }

    private async Task SayAsync()
    {
        Volatile.Write(ref _said, Stopwatch.GetTimestamp());
        await _speaker!.SendAsync(_request);
        while (await _speaker!.ReceiveAsync() == 0)
        {
        }
    }

    private async Task SpeakAsync()
    {
        while (!_stopped)
        {
            Volatile.Write(ref _awaited, Volatile.Read(ref _delivered) + _followers.Length);
            await SayAsync();
            await _heard.WaitAsync();
        }
    }

    private async Task FollowAsync(LoadConnection follower)
    {
        while (!_stopped)
        {
            var messages = await follower.ReceiveAsync();
            var latency = Stopwatch.GetTimestamp() - Volatile.Read(ref _said);
            for (var i = 0; i < messages; i++)
                Latencies.Add(latency);
            if (messages > 0 && Interlocked.Add(ref _delivered, messages) == Volatile.Read(ref _awaited))
                _heard.Release();
        }
    }
}
