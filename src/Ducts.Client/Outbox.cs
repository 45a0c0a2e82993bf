using System.Threading.Channels;

namespace Ducts.Client;

// Threading: Post, Close and Wake may be called from any thread; the others by the one task that sends, or while there is none.

/// <summary>What the client has to send, in order. It outlives connections and sessions.</summary>
internal sealed class Outbox
{
    private readonly Channel<Outgoing> _posted = Channel.CreateUnbounded<Outgoing>(new UnboundedChannelOptions { SingleReader = true });

    // What there is no room for, so that what needs none can pass it.
    private readonly Queue<Outgoing> _waiting = [];
    private int _isWakeful;

    /// <summary>Gets whether all has been taken that was posted before <see cref="Close"/>; what comes after it is not sent.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Gets the first of the messages that wait for room; null if none does.</summary>
    public Outgoing? FirstWaiting => _waiting.TryPeek(out var first) ? first : null;

    public void Post(Outgoing message)
    {
        if (!_posted.Writer.TryWrite(message))
            message.Fail(new DuctsConnectionException("The session is closed."));
    }

    /// <summary>Ends what the client sends.</summary>
    public void Close() => _posted.Writer.TryWrite(Outgoing.Close);

    /// <summary>Makes <see cref="WaitAsync"/> return.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _isWakeful, 1) == 0)
            _posted.Writer.TryWrite(Outgoing.Wake);
    }

    /// <summary>Takes the next message of all.</summary>
    /// <returns>The message; null at the end.</returns>
    public async ValueTask<Outgoing?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_waiting.TryDequeue(out var message))
                return message;
            if (IsClosed)
                return null;
            if (!TryTakePosted(out message))
                await WaitAsync(cancellationToken).ConfigureAwait(false);
            else if (message is not null)
                return message;
        }
    }

    /// <summary>Takes what was posted next, behind the messages that wait for room.</summary>
    /// <param name="message">The message; null where it was a mark, or came too late.</param>
    /// <returns>Whether there was anything.</returns>
    public bool TryTakePosted(out Outgoing? message)
    {
        if (!_posted.Reader.TryRead(out message))
        {
            return false;
        }

        if (message == Outgoing.Wake)
        {
            // Before the one who sends looks again at what there is to send.
            Interlocked.Exchange(ref _isWakeful, 0);
            message = null;
        }
        else if (IsClosed || message == Outgoing.Close)
        {
            IsClosed = true;
            message.Fail(new DuctsConnectionException("The session was closed."));
            message = null;
        }

        return true;
    }

    /// <summary>Makes a message wait for room.</summary>
    public void Wait(Outgoing message) => _waiting.Enqueue(message);

    public void RemoveFirstWaiting() => _waiting.Dequeue();

    /// <summary>Waits until something has been posted, or <see cref="Wake"/> was called.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (!await _posted.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            throw new ChannelClosedException();
    }

    /// <summary>Fails what has not been sent, and whatever is posted from now on.</summary>
    public void Fail(Exception exception)
    {
        _posted.Writer.TryComplete();
        while (_waiting.TryDequeue(out var message) || _posted.Reader.TryRead(out message))
            message.Fail(exception);
    }
}
