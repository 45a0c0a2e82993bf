using Ducts.Client;

namespace Ducts.Live.Reload;

/// <summary>A session that streams and calls without pause, and holds every answer to what it was promised.</summary>
internal sealed class LoadedSession
{
    private const int StreamLength = 40;

    private readonly DuctsClient _client;
    private readonly Task _running;
    private volatile bool _isStopping;
    private int _dropped;

    public LoadedSession(DuctsClient client)
    {
        _client = client;
        client.StateChanged += (_, _) => Interlocked.Increment(ref _dropped);
        _running = Task.WhenAll(StreamAsync(), CallAsync());
    }

    public int Dropped => _dropped;

    public int Streams { get; private set; }

    public int Calls { get; private set; }

    /// <summary>Streams whose session had been answered by newer code before they ended.</summary>
    public int OutlivedStreams { get; private set; }

    /// <summary>Lets the stream that runs end; throws what went wrong.</summary>
    public Task StopAsync()
    {
        _isStopping = true;
        return _running;
    }

    private async Task StreamAsync()
    {
        while (!_isStopping)
        {
            var version = 0;
            var at = 0;
            await foreach (var tick in _client.StreamAsync<Tick>("TICKS", StreamLength))
            {
                version = at == 0 ? tick!.Version : version;
                Assert.Equal(new Tick(version, at++), tick);
            }

            Assert.Equal(StreamLength, at);
            Streams++;
            if (await _client.CallAsync<int>("VERSION") > version)
                OutlivedStreams++;
        }
    }

    private async Task CallAsync()
    {
        var newest = 0;
        while (!_isStopping)
        {
            var version = await _client.CallAsync<int>("VERSION");
            Assert.True(version >= newest, $"version {version} after {newest}");
            newest = version;
            var order = new { customer = "Ann", lines = new[] { new { article = "nut", count = 3 }, new { article = "bolt", count = 4 } } };
            var receipt = await _client.CallAsync<Receipt>("ORDERS", order);
            Assert.Equal([3, 4], receipt!.Counts);
            Assert.True(receipt.Version >= newest);
            Calls += 2;
            await Task.Delay(20);
        }
    }

    private sealed record Tick(int Version, int At);

    private sealed record Receipt(int Version, int[] Counts);
}
