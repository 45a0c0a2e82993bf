using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>The session as its requests see it: where they count, and where their replies go.</summary>
/// <remarks>Threading: any thread calls any member.</remarks>
internal interface IReplyChannel
{
    string SessionId { get; }

    /// <summary>Gets who the session's user is now.</summary>
    SessionUser User { get; }

    /// <summary>Gets what each request has to pass before it is handled; null for nothing.</summary>
    IRequestGate? Gate { get; }

    /// <summary>Gets the requests that have not been answered.</summary>
    SessionRequests Requests { get; }

    /// <summary>Gets the requests that wait, and the bytes of those that run.</summary>
    Inbox Inbox { get; }

    /// <summary>Gets what the session takes of the server's memory.</summary>
    MemoryAccount Account { get; }

    /// <summary>Gets whether so much waits to be sent that streams have to pause.</summary>
    bool IsFull { get; }

    /// <summary>Gets whether so much has gathered that it should be sent before more is added.</summary>
    bool HasFullWrite { get; }

    /// <summary>Gets the size of the largest message that <see cref="TrySendParts"/> takes, in bytes.</summary>
    int MaxPartsLength { get; }

    /// <summary>Creates the session as handlers see it.</summary>
    /// <param name="requestId">The request's id as it came; empty for none.</param>
    /// <param name="timestamp">When the request came.</param>
    /// <param name="user">Who the user was when the request came.</param>
    /// <param name="services">The request's services.</param>
    IEventSession CreateView(ReadOnlyMemory<byte> requestId, DateTimeOffset timestamp, SessionUser user, IServiceProvider services);

    /// <summary>Queues the last message of a request. The caller keeps the buffer, and flushes.</summary>
    void Send(MessageBuffer message, ReadOnlySpan<byte> requestId, WireEncoding encoding);

    /// <summary>Queues a message that others of the same request follow. The caller keeps the buffer, and flushes.</summary>
    /// <returns>Ends when the next message of the same request may be sent.</returns>
    Task SendAsync(MessageBuffer message, ReadOnlySpan<byte> requestId, WireEncoding encoding);

    /// <summary>Queues a message undivided, whatever its size. The caller keeps the buffer, and flushes.</summary>
    void SendWhole(MessageBuffer message, WireEncoding encoding);

    /// <summary>Queues a message in MessagePack that is given in two parts. The caller flushes.</summary>
    /// <returns>False when it is too large, or too much waits: nothing has been queued.</returns>
    bool TrySendParts(ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest);

    /// <summary>Sends what is queued.</summary>
    void Flush();

    /// <summary>Sends what is queued within about a millisecond, with what is queued meanwhile.</summary>
    void FlushSoon();

    /// <summary>Waits until streams may go on. Ends at once when the session is over; the caller looks for that.</summary>
    ValueTask WaitForRoomAsync(CancellationToken cancellationToken);

    /// <summary>Ends the session because its client asks for it.</summary>
    /// <param name="reply">The answer, in MessagePack; it goes before all that waits.</param>
    /// <param name="encoding">How the request was written.</param>
    /// <returns>False where the client ends it by closing its connection.</returns>
    bool TryEndSession(MessageBuffer reply, WireEncoding encoding);

    /// <summary>Counts a message that could not be read; too many of them end the session.</summary>
    void CountMalformed();

    /// <summary>Answers ALIVE_MONITORING now and then every few seconds.</summary>
    void StartAliveMonitoring(ReadOnlySpan<byte> requestId, WireEncoding encoding);
}
