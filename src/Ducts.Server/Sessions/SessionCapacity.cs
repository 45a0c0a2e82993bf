using Ducts.Connections;

namespace Ducts.Sessions;

/// <summary>Decides when a session's connection is read and when its requests are handled, and waits for both.</summary>
/// <remarks>Threading: any thread. Without state of its own.</remarks>
internal sealed class SessionCapacity(Inbox inbox, SessionRequests requests, Outbox outbox, MemoryAccount account, DuctsWebSocketOptions options)
{
    /// <summary>Gets whether the session's connection may be read: not too many bytes of requests wait or run.</summary>
    public bool MayRead => inbox.Bytes is var bytes && bytes < options.InboxLimit && !account.IsShort(bytes);

    /// <summary>Gets whether a message that cannot wait may be answered: what is queued is not far beyond its limit.</summary>
    public bool MayAnswerUrgent => outbox.Bytes < options.OutboxLimit + (options.OutboxLimit / 4L);

    /// <summary>Returns whether a request of so many bytes may be handled now.</summary>
    public bool MayDispatch(int length) => requests.IsBelowLimit && !outbox.IsFull && HasRoomToRun(length);

    /// <summary>Waits until the connection may be read.</summary>
    public async ValueTask WaitToReadAsync(CancellationToken cancellationToken)
    {
        while (!MayRead)
        {
            var fewer = inbox.WhenChanged();
            var memory = account.IsShort(inbox.Bytes) ? account.WhenChanged() : fewer;
            if (!MayRead)
            {
                await Task.WhenAny(fewer, memory).WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Waits until the next request may be handled; the caller looks again.</summary>
    /// <param name="missing">The bytes that have to be left of the server's memory; 0 for none.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async ValueTask WaitToDispatchAsync(int missing, CancellationToken cancellationToken)
    {
        if (missing > 0)
        {
            // Where they are left by now, this ends at once.
            await account.WhenChanged(missing).WaitAsync(cancellationToken);
        }
        else if (outbox.IsFull)
        {
            await outbox.WaitForRoomAsync(cancellationToken);
        }
        else if (!requests.IsBelowLimit)
        {
            await requests.WaitBelowLimitAsync().WaitAsync(cancellationToken);
        }
        else
        {
            var changed = inbox.WhenChanged();
            if (!inbox.MayTakeNext)
            {
                await changed.WaitAsync(cancellationToken);
            }
        }
    }

    // One request always may, whatever its size.
    private bool HasRoomToRun(int length) => inbox.Running is var running && (running == 0 || running + length <= options.InboxLimit);
}
