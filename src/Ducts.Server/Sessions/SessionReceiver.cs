using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Takes what one receive loop of a session reads, and hands it to the dispatcher, or to the inbox where it has to wait.</summary>
/// <remarks>Threading: used by its loop, and by the watch when a handler keeps the loop's thread.</remarks>
internal sealed class SessionReceiver(Session session, IMessageDispatch dispatch) : IMessageReceiver
{
    // What a reader may hold in any case: a read of many small messages needs as much.
    private const int FreeHold = 64 * 1024;

    private int _held;
    private int _length;

    public bool TryAdmit(WireEncoding encoding, ReadOnlyMemory<byte> message) => true;

    public void Receive(WireEncoding encoding, ReadOnlyMemory<byte> message) => Receive(encoding, message, number: 0, credit: 0);

    /// <summary>Handles a message of a session whose messages have numbers.</summary>
    /// <param name="encoding">How the message is written.</param>
    /// <param name="message">The message, valid while this runs.</param>
    /// <param name="number">Its number; 0 for none.</param>
    /// <param name="credit">How many items its stream may send; 0 for no limit.</param>
    /// <returns>Whether it has been handled; otherwise it waits, or others that came before it do.</returns>
    public bool Receive(WireEncoding encoding, ReadOnlyMemory<byte> message, long number, int credit)
    {
        session.PushEncoding = encoding;
        _length = message.Length;
        if (session.Inbox.IsIdle && session.Capacity.MayDispatch(message.Length) && dispatch.Dispatch(encoding, message, credit) == 0)
        {
            return true;
        }

        session.Inbox.Add(encoding, message, dispatch, number, credit);
        return false;
    }

    public void OnRefused(int code)
    {
        // A client of version 1 is told by the close frame alone.
    }

    public bool TryHold(int bytes, bool force)
    {
        var more = bytes - _held;
        if (more > 0)
        {
            if (force || bytes <= FreeHold)
            {
                session.Account.Take(more);
            }
            else if (!session.Account.TryTake(more))
            {
                return false;
            }
        }
        else if (more < 0)
        {
            session.Account.Give(-more);
            session.Account.EndOverdraft();
        }

        _held = bytes;
        return true;
    }

    public async ValueTask WaitToHoldAsync(int bytes, CancellationToken cancellationToken)
    {
        var changed = session.Account.WhenChanged(bytes - _held);
        // It may have been given back just before.
        if (!TryHold(bytes, force: false))
            await changed.WaitAsync(cancellationToken);
    }

    // The request goes on alone: it counts as one that has not been answered, with its bytes.
    public void OnBlocked()
    {
        session.Requests.Began();
        session.Inbox.BeganToRun(_length);
    }

    public void OnUnblocked()
    {
        session.Inbox.EndedToRun(_length);
        session.Requests.Ended();
    }
}
