using System.Security.Cryptography;
using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>What a session of version 2 keeps so that nothing is lost with a connection; see section 12 of docs/protocol.md.</summary>
/// <remarks>
/// Threading: <see cref="Begin"/> and <see cref="Attempt"/> are guarded by the session's lock; the other members by any thread.
/// </remarks>
internal sealed class Resumption(Session session)
{
    private const int LifeBytes = 12;

    // How many messages leave the inbox until the client is told, and how many bytes.
    private const int ReceiptMessages = 64;
    private const int ReceiptBytes = 256 * 1024;

    private readonly int _receiptBytes = Math.Min(ReceiptBytes, session.Options.InboxLimit / 2);
    private readonly MessageCount _count = new();
    private ResumingReceiver? _receiver;
    private Connection? _connection;
    private WireEncoding _encoding;
    private long _left;
    private long _leftBytes;
    private long _told;
    private long _beside;
    private long _refused;
    private byte[]? _creditId;
    private int _credit;

    /// <summary>Gets which life of the numbers it is.</summary>
    public string Life { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(LifeBytes));

    /// <summary>Gets or sets the highest attempt that has been seen.</summary>
    public long Attempt { get; set; }

    /// <summary>Gets the receiver of the connection that has the session.</summary>
    public ResumingReceiver? Receiver => Volatile.Read(ref _receiver);

    /// <summary>A connection takes the session over: nothing of the one before counts any more.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="encoding">How its messages without a request are written.</param>
    /// <param name="received">The number of the last message that its client has received.</param>
    /// <returns>The number of the last message that was received.</returns>
    public long Begin(Connection connection, WireEncoding encoding, long received)
    {
        _encoding = encoding;
        // First: a loop of the one before that begins now does not count, either.
        Volatile.Write(ref _connection, connection);
        session.Receipts.Restart();
        return _count.BeginTurn().Received;
    }

    /// <summary>Creates the receiver for a receive loop of a connection.</summary>
    public ResumingReceiver CreateReceiver(Connection connection, SessionReceiver inner)
    {
        // A loop of a connection that has been let go of counts nothing.
        var turn = _count.Turn;
        var receiver = new ResumingReceiver(session, this, inner, connection == Volatile.Read(ref _connection) ? turn : -1);
        if (receiver.Turn >= 0)
        {
            Volatile.Write(ref _receiver, receiver);
        }

        return receiver;
    }

    // Of a message that was refused the client counts all bytes, however few came: it may be able to send nothing else until then.
    private bool IsRefusalUntold => Volatile.Read(ref _refused) is var refused && Volatile.Read(ref _told) < refused && refused <= Volatile.Read(ref _left);

    /// <summary>Counts a message of a connection.</summary>
    /// <returns>Its number; 0 when the connection has been let go of.</returns>
    public long TryCount(long turn) => _count.TryCount(turn);

    /// <summary>Gets whether credit has come that belongs to the next message.</summary>
    public bool HasCredit => _creditId is not null;

    /// <summary>Gets whether it is a connection's turn.</summary>
    public bool IsCurrent(long turn) => _count.Turn == turn;

    /// <summary>A message does not wait any more, nor does any before it.</summary>
    public void NoteLeft(long number, int length)
    {
        var left = Volatile.Read(ref _left);
        while (number > left)
        {
            var seen = Interlocked.CompareExchange(ref _left, number, left);
            if (seen == left)
            {
                break;
            }

            left = seen;
        }

        // The client may send again when there is room, so what it is not told must leave some.
        if (number - Volatile.Read(ref _told) >= ReceiptMessages || Interlocked.Add(ref _leftBytes, length) >= _receiptBytes || IsRefusalUntold)
        {
            Tell();
        }
    }

    /// <summary>Tells the client up to which message none waits any more, where that is any; it leaves with what is sent next.</summary>
    public void Tell()
    {
        if (Volatile.Read(ref _connection) is not { IsClosing: false } connection)
        {
            return;
        }

        var left = Volatile.Read(ref _left);
        Volatile.Write(ref _told, left);
        Interlocked.Exchange(ref _leftBytes, 0);
        if (left == 0)
        {
            return;
        }

        var message = MessageBuffer.Rent();
        SessionMessages.WriteReceived(message, left);
        var written = ToWritten(message, _encoding);
        connection.Sender.SetLatest(_encoding, written.Written);
        if (written != message)
        {
            written.Return();
        }

        message.Return();
    }

    /// <summary>Sends a connection its WELCOME, before anything else.</summary>
    public void Welcome(Connection connection, long received, bool isLost)
    {
        var message = MessageBuffer.Rent();
        new Welcome(received, Life, isLost).Write(message);
        SendBeside(connection, message, _encoding);
        message.Return();
    }

    /// <summary>Tells the client which of its messages was refused, as the close frame may be lost.</summary>
    public void Refuse(long number, int code)
    {
        var buffer = MessageBuffer.Rent();
        SessionMessages.WriteRefused(buffer, number, code);
        session.Channel.SendWhole(buffer, _encoding);
        buffer.Return();
        Volatile.Write(ref _refused, number);
        NoteBeside(number);
    }

    /// <summary>A message has been dealt with that did not wait; those before it may.</summary>
    public void NoteBeside(long number)
    {
        Volatile.Write(ref _beside, number);
        // Either this sees that nothing waits, or the last to leave sees the number.
        Interlocked.MemoryBarrier();
        if (session.Inbox.IsIdle)
        {
            NoteEmpty();
        }
    }

    /// <summary>No message waits any more.</summary>
    public void NoteEmpty()
    {
        var beside = Volatile.Read(ref _beside);
        if (beside > Volatile.Read(ref _left))
        {
            NoteLeft(beside, 0);
        }
    }

    /// <summary>The client has received all messages up to a number.</summary>
    public void OnReceipt(long number)
    {
        if (!session.Outbox.Confirm(number))
        {
            session.EndNow(SessionEnd.OutOfStep("received more than was sent"));
        }
    }

    /// <summary>Credit has come for a request: one that is there, or the one that comes next.</summary>
    public void OnCredit(ReadOnlySpan<byte> requestId, int credit)
    {
        if (session.Requests.TryAddCredit(requestId, credit))
        {
            return;
        }

        _creditId = requestId.ToArray();
        _credit = credit;
    }

    /// <summary>Takes the credit that came right before a request; used by one receiver at a time.</summary>
    /// <param name="message">The request, in MessagePack.</param>
    /// <returns>How many items its stream may send; 0 for no limit.</returns>
    public int TakeCredit(ReadOnlySpan<byte> message)
    {
        if (_creditId is not { } id)
        {
            return 0;
        }

        _creditId = null;
        // Behind the head of an array of three, which has one byte or, from a client that is wasteful, three or five.
        var head = message.IsEmpty ? 0 : message[0] switch { 0xDC => 3, 0xDD => 5, _ => 1 };
        return message.Length > head && message[head..].StartsWith(id) ? _credit : 0;
    }

    private static void SendBeside(Connection connection, MessageBuffer message, WireEncoding encoding)
    {
        var written = ToWritten(message, encoding);
        connection.Sender.SendFirst(encoding, written.Written);
        if (written != message)
        {
            written.Return();
        }
    }

    private static MessageBuffer ToWritten(MessageBuffer message, WireEncoding encoding) =>
        encoding == WireEncoding.Json ? message.ToJsonText() : message;
}
