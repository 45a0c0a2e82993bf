using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ducts.Server.Tests.Discovery;

/// <summary>Sends paths as they are: HttpClient would tidy them up first.</summary>
internal static class RawHttp
{
    public static async Task<string> GetAsync(int port, string path, params string[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = client.GetStream();
        var request = new StringBuilder($"GET {path} HTTP/1.1\r\nConnection: close\r\n");
        if (!headers.Any(header => header.StartsWith("Host:", StringComparison.Ordinal)))
            request.Append($"Host: 127.0.0.1:{port}\r\n");
        foreach (var header in headers)
            request.Append(header).Append("\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request.Append("\r\n").ToString()));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
