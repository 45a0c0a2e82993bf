using System.Threading.Channels;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Client;

// Threading: Open is called before the request is sent, Read by the one reader, the others by the receive loop.

/// <summary>A stream's items, or a plain reply as the only one.</summary>
/// <param name="eventId">The event.</param>
/// <param name="window">How many items may be unread.</param>
/// <param name="giveBack">Gives the server credit for more items.</param>
internal sealed class StreamReply(int eventId, int window, Action<StreamReply, int> giveBack) : Reply(eventId)
{
    // Not bounded: a reader that waits for another call's reply must not hold up the loop that brings it. The server heeds the window.
    private readonly Channel<MessagePackElement> _items = Channel.CreateUnbounded<MessagePackElement>(new UnboundedChannelOptions { SingleReader = true });

    private bool _isNullHeld;
    private volatile bool _isAbandoned;

    // Whether each item takes a credit, and whether the first one has been given back when it came.
    private bool _isCounted;
    private bool _isFirstFree;
    private int _read;

    public ChannelReader<MessagePackElement> Items => _items.Reader;

    public override bool IsAbandoned => _isAbandoned;

    /// <summary>Begins to count the items.</summary>
    /// <returns>The CREDIT that goes before the request, in an array of the shared pool.</returns>
    public ArraySegment<byte> Open()
    {
        _isCounted = true;
        return PackCredit(window);
    }

    /// <summary>Packs a CREDIT of this stream into an array of the shared pool.</summary>
    public ArraySegment<byte> PackCredit(int credit)
    {
        var buffer = PackBuffer.Rent();
        SessionMessages.WriteCredit(buffer, Id, credit);
        return buffer.ToPooled();
    }

    /// <summary>Notes that the application has read an item. The server gets its credit back in parts of half a window: what it has left is never nothing.</summary>
    public void Read()
    {
        if (!_isCounted)
        {
            return;
        }

        if (_isFirstFree)
        {
            _isFirstFree = false;
            return;
        }

        if (++_read * 2L < window)
        {
            return;
        }

        giveBack(this, _read);
        _read = 0;
    }

    public override void Complete(MessagePackElement result)
    {
        _items.Writer.TryWrite(result);
        _items.Writer.TryComplete();
    }

    public override void Start(MessagePackElement item)
    {
        if (!item.IsNil)
        {
            _items.Writer.TryWrite(item);
            return;
        }

        // An empty stream starts with null too: only what comes next tells. Where the window is one item, nothing would.
        _isNullHeld = true;
        if (_isCounted)
        {
            _isFirstFree = true;
            giveBack(this, 1);
        }
    }

    public override void Next(MessagePackElement item)
    {
        ReleaseNull();
        _items.Writer.TryWrite(item);
    }

    public override void End() => _items.Writer.TryComplete();

    public override void Fail(Exception exception)
    {
        ReleaseNull();
        _items.Writer.TryComplete(exception);
    }

    public void Abandon()
    {
        _isAbandoned = true;
        _items.Writer.TryComplete();
    }

    private void ReleaseNull()
    {
        if (!_isNullHeld)
            return;
        _isNullHeld = false;
        _items.Writer.TryWrite(default);
    }
}
