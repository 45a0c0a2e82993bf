using System.Net.Sockets;

namespace Ducts.Redis;

/// <summary>A plain socket, TCP or Unix.</summary>
internal sealed class SocketTransport(Socket socket) : RedisTransport
{
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => socket.ReceiveAsync(buffer, SocketFlags.None);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var sending = socket.SendAsync(bytes, SocketFlags.None);
        if (sending.IsCompletedSuccessfully)
        {
            var sent = sending.GetAwaiter().GetResult();
            return sent == bytes.Length ? ValueTask.CompletedTask : SendRestAsync(new ValueTask<int>(sent), bytes);
        }

        return SendRestAsync(sending, bytes);
    }

    public override void Abort() => socket.Dispose();

    private async ValueTask SendRestAsync(ValueTask<int> sending, ReadOnlyMemory<byte> bytes)
    {
        var sent = await sending;
        while (sent < bytes.Length)
        {
            sent += await socket.SendAsync(bytes[sent..], SocketFlags.None);
        }
    }
}
