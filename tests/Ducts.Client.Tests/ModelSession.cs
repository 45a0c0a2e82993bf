using Ducts.MessagePack;

namespace Ducts.Client.Tests;

/// <summary>A server's side of a session of version 2, as simple as it can be: it keeps everything, and checks what the client may do.</summary>
public sealed class ModelSession(long inboxLimit)
{
    private const int ReceiptMessages = 64;

    private readonly long _receiptBytes = Math.Min(256 * 1024, inboxLimit / 2);
    private readonly List<byte[]> _sent = [];
    private readonly List<(int Number, int Code)> _untold = [];
    private string? _pendingCredit;

    // What the client has sent and could not yet know to be confirmed, and what of it waits.
    private readonly Queue<(int Number, int Size)> _counted = [];
    private readonly Queue<(int Number, int Size, MessagePackElement Message)> _inbox = [];
    private long _unconfirmed;
    private long _waiting;
    private long _leftBytes;
    private int _told;
    private bool _mustTell;
    private int _confirmedByClient;
    private int _attempt;
    private int _lives = 1;
    private string? _clientsLife;

    /// <summary>Which life of the numbers there is.</summary>
    public string Life => $"life {_lives}";

    /// <summary>How many messages of the client have been received in this life.</summary>
    public int Received { get; private set; }

    /// <summary>How many messages have been sent in this life, or are to be.</summary>
    public int Sent => _sent.Count;

    /// <summary>The number of the next message to send on this connection.</summary>
    public int Next { get; private set; } = 1;

    /// <summary>Takes HELLO.</summary>
    /// <returns>WELCOME.</returns>
    public byte[] Open(ReadOnlyMemory<byte> message)
    {
        var hello = MessagePackElement.Parse(message);
        Assert.Equal((true, 13), (hello[0].IsNil, hello[1].GetInt32()));
        var attempt = hello[2].GetProperty("attempt").GetInt32();
        Assert.True(attempt > _attempt);
        _attempt = attempt;
        var life = hello[2].TryGetProperty("life", out var text) ? text.GetString() : null;
        var lost = life is not null && life != Life;
        // The one who has had a WELCOME does not forget it.
        Assert.True(life is not null || _clientsLife is null);
        if (!lost)
        {
            var received = hello[2].GetProperty("received").GetInt32();
            Assert.InRange(received, _confirmedByClient, Sent);
            _confirmedByClient = received;
            Next = received + 1;
        }
        else
        {
            Next = 1;
        }

        foreach (var (number, code) in _untold)
        {
            Send(null, 99, new Dictionary<string, object?> { ["number"] = number, ["code"] = code });
        }

        _untold.Clear();

        // An earlier receipt may be lost. WELCOME itself is none of what waits.
        _mustTell = Left > 0;
        return PackSerializer.Serialize(new object?[] { null, 8, new Dictionary<string, object?> { ["received"] = Received, ["life"] = Life, ["lost"] = lost } });
    }

    /// <summary>Up to which number no message waits.</summary>
    public int Left => _inbox.TryPeek(out var first) ? first.Number - 1 : Received;

    /// <summary>Whether messages wait.</summary>
    public bool HasWaiting => _inbox.Count > 0;

    /// <summary>Notes that the client has certainly had a WELCOME.</summary>
    public void Welcomed() => _clientsLife = Life;

    /// <summary>Loses all state, as a process does that ends.</summary>
    public void Lose()
    {
        _lives++;
        _sent.Clear();
        _untold.Clear();
        _counted.Clear();
        _inbox.Clear();
        (Received, Next, _confirmedByClient, _pendingCredit) = (0, 1, 0, null);
        (_unconfirmed, _waiting, _leftBytes, _told, _mustTell) = (0, 0, 0, 0, false);
    }

    /// <summary>Takes a message of the client. All but CREDIT, CANCEL and END wait from then on.</summary>
    /// <returns>Null for one without a number.</returns>
    public MessagePackElement? Receive(byte[] bytes)
    {
        var message = MessagePackElement.Parse(bytes);
        var eventId = message[1].GetInt32();
        if (message[0].IsNil && eventId == 7)
        {
            var number = message[2].GetInt32();
            Assert.InRange(number, _confirmedByClient, Sent);
            _confirmedByClient = number;
            return null;
        }

        Received++;
        if (message[0].IsNil && eventId == 9)
        {
            _pendingCredit = message[2].GetProperty("id").ToString();
            return message;
        }

        // A request with a window has its credit right before it; a credit that is for something else has been given before.
        HasWindow = _pendingCredit == message[0].ToString();
        _pendingCredit = null;
        if (eventId is not (6 or 12))
        {
            Assert.True(_waiting < inboxLimit, $"{_waiting} bytes wait, and another message comes.");
            Assert.True(_unconfirmed < inboxLimit, $"{_unconfirmed} bytes are unconfirmed, and another message is sent.");
            _counted.Enqueue((Received, bytes.Length));
            _unconfirmed += bytes.Length;
            _inbox.Enqueue((Received, bytes.Length, message));
            _waiting += bytes.Length;
        }

        return message;
    }

    /// <summary>Whether the request that was received last had its CREDIT.</summary>
    public bool HasWindow { get; private set; }

    /// <summary>Takes the first of the messages that wait, to handle it.</summary>
    public (int Number, MessagePackElement Message) TakeWaiting()
    {
        var (number, size, message) = _inbox.Dequeue();
        _waiting -= size;
        _leftBytes += size;
        return (number, message);
    }

    /// <summary>Refuses a message of the client: it counts, and the next connection is told.</summary>
    public void Refuse(int code)
    {
        Received++;
        _pendingCredit = null;
        _untold.Add((Received, code));
    }

    /// <summary>The receipt that is to be sent now; null if none is due.</summary>
    public byte[]? TakeReceipt()
    {
        if (!_mustTell && (Left == _told || (Left - _told < ReceiptMessages && _leftBytes < _receiptBytes)))
            return null;
        (_mustTell, _told, _leftBytes) = (false, Left, 0);
        Answered(_told);
        return PackSerializer.Serialize(new object?[] { null, 7, _told });
    }

    /// <summary>Notes that a request has been answered, which confirms it and all that came before it.</summary>
    public void Answered(int number)
    {
        while (_counted.TryPeek(out var first) && first.Number <= number)
        {
            _unconfirmed -= _counted.Dequeue().Size;
        }
    }

    /// <summary>The message of a number.</summary>
    public byte[] MessageOf(long number) => _sent[(int)number - 1];

    public void Send(object? requestId, int eventId, object? data) => _sent.Add(PackSerializer.Serialize(new[] { requestId, eventId, data }));

    /// <summary>The next message for this connection; null if there is none.</summary>
    public byte[]? TakeNext() => Next <= Sent ? _sent[Next++ - 1] : null;
}
