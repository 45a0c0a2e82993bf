using System.Threading.Channels;
using Ducts.MessagePack;

namespace Ducts.Client;

/// <summary>A stream's items, or a plain reply as the only one.</summary>
internal sealed class StreamReply(int eventId) : Reply(eventId)
{
    // Not bounded: a reader that waits for another call's reply must not hold up the loop that brings it.
    private readonly Channel<MessagePackElement> _items = Channel.CreateUnbounded<MessagePackElement>(new UnboundedChannelOptions { SingleReader = true });

    private bool _isNullHeld;
    private volatile bool _isAbandoned;

    public ChannelReader<MessagePackElement> Items => _items.Reader;

    public override bool IsAbandoned => _isAbandoned;

    public override void Complete(MessagePackElement result)
    {
        _items.Writer.TryWrite(result);
        _items.Writer.TryComplete();
    }

    public override void Start(MessagePackElement item)
    {
        // An empty stream starts with null too: only what comes next tells.
        if (item.IsNil)
            _isNullHeld = true;
        else
            _items.Writer.TryWrite(item);
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
