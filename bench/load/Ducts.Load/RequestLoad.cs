using System.Diagnostics;
using System.Net.Sockets;

namespace Ducts.Load;

/// <summary>Connections that send a request for each reply they get, a fixed number being on its way.</summary>
internal sealed class RequestLoad : ILoad
{
    private const int EchoBuffer = 64 * 1024;
    private const int BulkBuffer = 512 * 1024;

    private readonly Lane[] _lanes;
    private readonly int _messagesPerRequest;
    private volatile bool _stopped;

    private RequestLoad(Lane[] lanes, int messagesPerRequest)
    {
        _lanes = lanes;
        _messagesPerRequest = messagesPerRequest;
    }

    public double Replies => (double)_lanes.Sum(static lane => Volatile.Read(ref lane.Messages)) / _messagesPerRequest;

    public LatencyHistogram Latencies { get; set; } = new();

    public static async Task<RequestLoad> StartAsync(int port, Dialect dialect, int connections, int inFlight)
    {
        var bufferSize = dialect.MessagesPerRequest > 1 || connections == 1 ? BulkBuffer : EchoBuffer;
        var lanes = new Lane[connections];
        for (var i = 0; i < connections; i++)
            lanes[i] = new Lane(await LoadConnection.OpenAsync(port, dialect, bufferSize));
        var load = new RequestLoad(lanes, dialect.MessagesPerRequest);
        foreach (var lane in lanes)
            lane.Work = Task.Run(() => load.DriveAsync(lane, dialect.Request, inFlight));
        return load;
    }

    public void ThrowIfFailed()
    {
        foreach (var lane in _lanes)
        {
            if (lane.Work.IsFaulted)
                lane.Work.GetAwaiter().GetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _stopped = true;
        foreach (var lane in _lanes)
        {
            await lane.Connection.CloseAsync();
            lane.Connection.Dispose();
        }

        foreach (var lane in _lanes)
        {
            try
            {
                await lane.Work;
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
            {
                // Its socket has just been closed under it.
            }
        }
    }

    private async Task DriveAsync(Lane lane, byte[] request, int inFlight)
    {
        var requests = Frame.Repeat(request, inFlight);
        var sent = new long[inFlight];
        Array.Fill(sent, Stopwatch.GetTimestamp());
        var next = 0;
        var messages = 0;
        await lane.Connection.SendAsync(requests);
        while (!_stopped)
        {
            var received = await lane.Connection.ReceiveAsync();
            lane.Messages += received;
            messages += received;
            var replies = messages / _messagesPerRequest;
            messages %= _messagesPerRequest;
            if (replies == 0)
                continue;
            // Replies come in the order of their requests, for all are of one kind.
            var now = Stopwatch.GetTimestamp();
            for (var i = 0; i < replies; i++)
            {
                Latencies.Add(now - sent[next]);
                sent[next] = now;
                next = (next + 1) % inFlight;
            }

            await lane.Connection.SendAsync(requests.AsMemory(0, replies * request.Length));
        }
    }

    private sealed class Lane(LoadConnection connection)
    {
        public long Messages;

        public LoadConnection Connection => connection;

        public Task Work { get; set; } = Task.CompletedTask;
    }
}
