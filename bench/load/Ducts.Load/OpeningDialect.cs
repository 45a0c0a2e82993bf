using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Ducts.Load;

/// <summary>A client that comes: it asks for an answer over HTTP on a connection of its own, then opens a WebSocket on another.</summary>
/// <param name="question">What is asked.</param>
/// <param name="path">The WebSocket's path; null where the answer tells it.</param>
internal sealed class OpeningDialect(string question, string? path) : Dialect
{
    private const int MaxAnswer = 16 * 1024;

    public override byte[] Request => [];

    public override byte[] Follow => [];

    public override int MessagesPerRequest => 1;

    public override async Task<(string Path, byte[] Hello)> FindAsync(int port, bool follower)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {question} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n"
            + "Accept: */*\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n\r\n"));
        var answer = new byte[MaxAnswer];
        var length = 0;
        while (true)
        {
            var count = await socket.ReceiveAsync(answer.AsMemory(length), SocketFlags.None);
            if (count == 0)
                throw new IOException("the server closed instead of answering");
            length += count;
            if (TryReadBody(answer.AsMemory(0, length), out var body))
                return (path ?? new Uri(JsonDocument.Parse(body).RootElement.GetProperty("websocket_url").GetString()!).PathAndQuery, []);
        }
    }

    private static bool TryReadBody(ReadOnlyMemory<byte> answer, out ReadOnlyMemory<byte> body)
    {
        const string Length = "Content-Length: ";
        body = default;
        var end = answer.Span.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        var head = Encoding.ASCII.GetString(answer.Span[..end]);
        if (!head.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
            throw new IOException(head);
        var at = head.IndexOf(Length, StringComparison.OrdinalIgnoreCase) + Length.Length;
        body = answer[(end + 4)..];
        return body.Length >= int.Parse(head.AsSpan(at).TrimEnd().ToString().Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
