using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>
/// Takes what one receive loop of a session of version 2 reads: counts the messages, and handles those by which the two sides
/// keep in step.
/// </summary>
/// <remarks>Threading: used by its loop; whoever gives the session another connection looks at <see cref="IsHandling"/>.</remarks>
internal sealed class ResumingReceiver(Session session, Resumption resumption, SessionReceiver inner, long turn) : IMessageReceiver
{
    private bool _isHandling;

    // Of the message that has been admitted.
    private long _number;
    private int _credit;

    /// <summary>Gets the turn of its connection; -1 for none.</summary>
    public long Turn => turn;

    /// <summary>
    /// Gets whether a message that has been counted is being handled: those of the next connection come after it. One whose handler
    /// keeps its thread is as good as handled.
    /// </summary>
    public bool IsHandling => Volatile.Read(ref _isHandling);

    public bool TryAdmit(WireEncoding encoding, ReadOnlyMemory<byte> message)
    {
        // Before the count, whose fence shows it to whoever takes the session over.
        Volatile.Write(ref _isHandling, true);
        if (encoding == WireEncoding.Json ? TryAdmitJson(message) : TryAdmit(message.Span))
        {
            return true;
        }

        Volatile.Write(ref _isHandling, false);
        return false;
    }

    public void Receive(WireEncoding encoding, ReadOnlyMemory<byte> message)
    {
        // Looked at first: one message more may come however little is left, or a large one could never be sent.
        var waited = session.Inbox.WaitingLength;
        if (inner.Receive(encoding, message, _number, _credit))
        {
            resumption.NoteLeft(_number, message.Length);
        }
        else if (waited >= session.Options.InboxLimit && session.Inbox.WaitingLength > waited)
        {
            session.EndNow(SessionEnd.OutOfStep("more than inbox_limit waits"));
        }

        Volatile.Write(ref _isHandling, false);
    }

    public void OnRefused(int code)
    {
        if (resumption.TryCount(turn) is > 0 and var number)
        {
            resumption.Refuse(number, code);
        }
    }

    public bool TryHold(int bytes, bool force) => inner.TryHold(bytes, force);

    public ValueTask WaitToHoldAsync(int bytes, CancellationToken cancellationToken) => inner.WaitToHoldAsync(bytes, cancellationToken);

    public void OnBlocked()
    {
        inner.OnBlocked();
        Volatile.Write(ref _isHandling, false);
    }

    public void OnUnblocked() => inner.OnUnblocked();

    private bool TryAdmitJson(ReadOnlyMemory<byte> message)
    {
        // What has no request says null for it.
        if (message.Span.IndexOf("null"u8) < 0 && !resumption.HasCredit)
        {
            return TryAdmit(packed: []);
        }

        var packed = MessageBuffer.Rent();
        JsonForm.ReadRequest(message.Span, session.Options.MaxDepth, packed);
        var isAdmitted = TryAdmit(packed.Written);
        packed.Return();
        return isAdmitted;
    }

    private bool TryAdmit(ReadOnlySpan<byte> packed)
    {
        var isWithoutRequest = SessionMessages.IsWithoutRequest(packed);
        if (isWithoutRequest && HandleOwn(packed))
        {
            return false;
        }

        _number = resumption.TryCount(turn);
        if (_number == 0)
        {
            return false;
        }

        _credit = isWithoutRequest ? 0 : resumption.TakeCredit(packed);
        return true;
    }

    // False for a message that others handle.
    private bool HandleOwn(ReadOnlySpan<byte> message)
    {
        switch (SessionMessages.ReadEventWithoutRequest(message, out var data))
        {
            case ProtocolEvents.Hello:
                return true;
            case ProtocolEvents.Received:
                if (resumption.IsCurrent(turn) && SessionMessages.TryReadReceived(data, out var received))
                {
                    resumption.OnReceipt(received);
                }

                return true;
            case ProtocolEvents.Credit:
                if (resumption.TryCount(turn) is > 0 and var number)
                {
                    if (SessionMessages.TryReadCredit(data, out var requestId, out var credit))
                    {
                        resumption.OnCredit(requestId, credit);
                    }

                    resumption.NoteBeside(number);
                }

                return true;
            default:
                return false;
        }
    }
}
