using System.Net.Sockets;
using System.Text;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Doors;

/// <summary>Bytes to a server and back, with no protocol between.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client = new();

    public static async Task<RawConnection> OpenAsync(Uri server)
    {
        var connection = new RawConnection();
        await connection._client.ConnectAsync(server.Host, server.Port);
        return connection;
    }

    /// <summary>Opens a WebSocket by hand, so that what follows need not be one.</summary>
    public static async Task<RawConnection> UpgradeAsync(Uri server)
    {
        var address = await Discovery.WebSocketAsync(server);
        var connection = await OpenAsync(server);
        await connection.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {address.AbsolutePath} HTTP/1.1\r\nHost: {address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        var head = "";
        var one = new byte[1];
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal) && await connection._client.GetStream().ReadAsync(one) == 1)
            head += (char)one[0];
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        return connection;
    }

    public async Task SendAsync(byte[] bytes) => await _client.GetStream().WriteAsync(bytes);

    /// <summary>Everything that comes until the server closes.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var patience = new CancellationTokenSource(Until.Patience);
        using var all = new MemoryStream();
        try
        {
            await _client.GetStream().CopyToAsync(all, patience.Token);
        }
        catch (IOException)
        {
            // A reset is an end too: the server had no more to say to these bytes.
        }
        return all.ToArray();
    }

    public void Dispose() => _client.Dispose();
}
