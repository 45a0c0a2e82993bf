using System.Buffers;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>A message that waits to be sent.</summary>
/// <param name="target">The event that it calls.</param>
/// <param name="session">The session that it was made in.</param>
/// <param name="bytes">The message, in an array of the shared pool; empty for the marks.</param>
/// <param name="reply">What waits for its reply.</param>
/// <param name="sent">What waits until it has been handed to a connection.</param>
internal sealed class Outgoing(EventSelector target, ServiceDiscovery? session, ArraySegment<byte> bytes, Reply? reply, TaskCompletionSource? sent)
{
    /// <summary>Not a message: the end of what the client sends.</summary>
    public static Outgoing Close { get; } = new(default, null, default, null, null);

    /// <summary>Not a message: there is something else to send.</summary>
    public static Outgoing Wake { get; } = new(default, null, default, null, null);

    private ServiceDiscovery? _session = session;

    public ArraySegment<byte> Bytes { get; private set; } = bytes;

    public Reply? Reply => reply;

    /// <summary>Whether the message means something only in the session it was made in.</summary>
    public bool IsBound { get; init; }

    /// <summary>Whether the message is CANCEL or CREDIT, which wait for no room.</summary>
    public bool IsUrgent { get; init; }

    /// <summary>The request that the message cancels or gives credit to; null for every other message.</summary>
    public Reply? Subject { get; init; }

    /// <summary>Whether nobody wants it sent any more.</summary>
    public bool IsAbandoned => reply is { IsAbandoned: true } || sent is { Task.IsCompleted: true };

    /// <summary>Makes the message fit a session that is not the one it was made in, where events may have other ids, or fails it.</summary>
    /// <returns>Whether it is to be sent there.</returns>
    public bool MayEnter(ServiceDiscovery current)
    {
        if (_session == current)
        {
            return true;
        }

        if (IsBound)
        {
            return false;
        }

        try
        {
            Translate(current);
            current.CheckSize(Bytes.Count);
            _session = current;
            return true;
        }
        catch (Exception exception) when (exception is KeyNotFoundException or ArgumentException)
        {
            Fail(exception);
            return false;
        }
    }

    /// <summary>Notes that the message is being sent.</summary>
    /// <param name="order">Its place among all messages of the client, or its number in the session.</param>
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

    /// <summary>Gives the message's memory back, after which nothing may read it.</summary>
    public void Release()
    {
        if (Bytes.Array is { Length: > 0 } array)
        {
            Bytes = default;
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private void Translate(ServiceDiscovery current)
    {
        var eventId = target.Resolve(current.Events);
        var message = MessagePackElement.Parse(Bytes);
        if (message[1].GetInt32() == eventId)
        {
            return;
        }

        var output = PackBuffer.Rent();
        var writer = new PackWriter(output);
        writer.WriteArrayHeader(ReplyMessages.Parts);
        writer.WriteRaw(message[0].RawBytes.Span);
        writer.WriteInt64(eventId);
        writer.WriteRaw(message[2].RawBytes.Span);
        writer.Flush();
        Release();
        Bytes = output.ToPooled();
    }
}
