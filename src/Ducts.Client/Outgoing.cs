using System.Buffers;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>A message that waits to be sent; without bytes it is the close frame.</summary>
internal sealed class Outgoing(EventSelector target, ServiceDiscovery? session, ReadOnlyMemory<byte> bytes, Reply? reply, TaskCompletionSource? sent)
{
    public static Outgoing Close { get; } = new(default, null, default, null, null);

    public ReadOnlyMemory<byte> Bytes { get; private set; } = bytes;

    /// <summary>Whether the message means something only in the session it was made in.</summary>
    public bool IsBound { get; init; }

    /// <summary>Whether nobody wants it sent any more.</summary>
    public bool IsAbandoned => reply is { IsAbandoned: true };

    /// <summary>Makes the message fit a session that is not the one it was made in, where events may have other ids.</summary>
    /// <returns>Whether it is to be sent there.</returns>
    /// <exception cref="KeyNotFoundException">The server has no such event any more.</exception>
    /// <exception cref="ArgumentException">The message is larger than the server takes now.</exception>
    public bool TryEnter(ServiceDiscovery current)
    {
        if (session == current)
        {
            return true;
        }

        if (IsBound)
        {
            return false;
        }

        var eventId = target.Resolve(current.Events);
        var message = MessagePackElement.Parse(Bytes);
        if (message[1].GetInt32() != eventId)
        {
            var output = new ArrayBufferWriter<byte>(Bytes.Length + sizeof(int));
            var writer = new PackWriter(output);
            writer.WriteArrayHeader(ReplyMessages.Parts);
            writer.WriteRaw(message[0].RawBytes.Span);
            writer.WriteInt64(eventId);
            writer.WriteRaw(message[2].RawBytes.Span);
            writer.Flush();
            Bytes = output.WrittenMemory;
        }

        current.CheckSize(Bytes.Length);
        return true;
    }

    /// <summary>Notes that the message is being sent.</summary>
    /// <param name="order">Its place among all messages of the client.</param>
    public void Sending(long order)
    {
        if (reply is not null)
        {
            reply.SentOrder = order;
        }
    }

    public void Sent() => sent?.TrySetResult();

    public void Fail(Exception exception)
    {
        reply?.Fail(exception);
        sent?.TrySetException(exception);
    }
}
