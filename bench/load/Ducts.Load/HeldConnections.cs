using System.Net;
using System.Net.Sockets;

namespace Ducts.Load;

/// <summary>Connections that do nothing but answer pings.</summary>
internal sealed class HeldConnections : IAsyncDisposable
{
    private const int BufferSize = 128;
    private const int OpenedAtOnce = 32;

    // Below the number of ports that Linux gives to one address by default.
    private const int PerAddress = 10_000;

    private readonly LoadConnection[] _connections;
    private readonly Task[] _work;
    private volatile bool _stopped;

    private HeldConnections(int count)
    {
        _connections = new LoadConnection[count];
        _work = new Task[count];
    }

    /// <summary>How many the server has not closed.</summary>
    public int Alive => _work.Count(static work => !work.IsCompleted);

    public static async Task<HeldConnections> OpenAsync(int port, Dialect dialect, int count)
    {
        var held = new HeldConnections(count);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce }, async (i, _) =>
        {
            var source = new IPAddress([127, 0, 0, (byte)(1 + (i / PerAddress))]);
            held._connections[i] = await LoadConnection.OpenAsync(port, dialect, BufferSize, source: source);
            // At once: opening the others takes longer than a server waits for an answer to its pings.
            held._work[i] = held.HoldAsync(held._connections[i]);
        });
        return held;
    }

    public async ValueTask DisposeAsync()
    {
        _stopped = true;
        foreach (var connection in _connections)
        {
            await connection.CloseAsync();
            connection.Dispose();
        }

        await Task.WhenAll(_work);
    }

    private async Task HoldAsync(LoadConnection connection)
    {
        try
        {
            while (!_stopped)
                await connection.ReceiveAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // What the server has closed counts as not alive.
        }
    }
}
