using System.Net.WebSockets;

namespace Ducts.Client;

/// <summary>Receives whole messages, each into memory of its own, on which elements may stand for as long as they like.</summary>
internal static class MessageReader
{
    private const int FirstSize = 4096;

    /// <summary>The next message; null when the server closes.</summary>
    /// <exception cref="InvalidDataException">The message is longer than the limit.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(WebSocket socket, int limit, Silence? silence, CancellationToken cancellationToken)
    {
        var bytes = new byte[Math.Min(FirstSize, limit)];
        var length = 0;
        while (true)
        {
            var result = await socket.ReceiveAsync(bytes.AsMemory(length), cancellationToken).ConfigureAwait(false);
            silence?.Heard();
            if (result.MessageType == WebSocketMessageType.Close)
                return null;
            length += result.Count;
            if (result.EndOfMessage)
                return bytes.AsMemory(0, length);
            if (length < bytes.Length)
                continue;
            if (length >= limit)
                throw new InvalidDataException($"The server sent a message longer than {limit} bytes.");
            Array.Resize(ref bytes, (int)Math.Min(limit, bytes.Length * 2L));
        }
    }
}
