using Ducts.Connections.Transport;
using Ducts.Protocol;

namespace Ducts.Connections;

/// <summary>Reads the first message of a connection that belongs to nobody yet.</summary>
/// <remarks>Threading: used by one task.</remarks>
internal sealed class FirstMessage(WebSocketTransport transport, int maxLength) : IDisposable
{
    /// <summary>Gets what has been read behind the message.</summary>
    public MessageReader Reader { get; } = new(maxLength);

    /// <summary>Gets how the message is written.</summary>
    public WireEncoding Encoding { get; private set; }

    /// <summary>Gets the message.</summary>
    public ReadOnlyMemory<byte> Message { get; private set; }

    /// <summary>Reads until the message is there.</summary>
    /// <returns>
    /// Whether there is one; otherwise the peer has closed or gone, or what it sends is no message. It is answered nothing meanwhile:
    /// a ping before the message is dropped.
    /// </returns>
    public async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (transport.Socket is { } owned)
        {
            Reader.Begin(owned.TakeUnread().Span);
        }

        while (true)
        {
            switch (Reader.TryRead(out var opcode, out var payload))
            {
                case FrameStatus.Complete when opcode < Opcode.Close:
                    Encoding = opcode == Opcode.Text ? WireEncoding.Json : WireEncoding.MessagePack;
                    Message = payload.ToArray();
                    return true;
                case FrameStatus.Complete when opcode != Opcode.Close:
                    continue;
                case FrameStatus.Incomplete:
                    break;
                default:
                    return false;
            }

            var count = await transport.Stream.ReadAsync(Reader.PrepareRead(), cancellationToken);
            if (count == 0)
            {
                return false;
            }

            Reader.Advance(count);
        }
    }

    public void Dispose() => Reader.Release();
}
