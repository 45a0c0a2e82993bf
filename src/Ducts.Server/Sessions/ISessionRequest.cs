namespace Ducts.Sessions;

/// <summary>A request that runs, as those see it who cancel.</summary>
internal interface ISessionRequest
{
    /// <summary>Gets whether it is answered by a stream: streams end at once when the server stops, while single replies get time.</summary>
    bool IsStream { get; }

    /// <summary>Returns whether it has this id, as it came.</summary>
    bool HasId(ReadOnlySpan<byte> requestId);

    /// <summary>Lets its stream send further items, where that has a window.</summary>
    void AddCredit(int credit);

    /// <summary>Cancels the request because its client asked for that: a stream then ends regularly.</summary>
    void Cancel();

    /// <summary>Cancels the request because the server ends it: its client gets an error, for what it has received is not the whole.</summary>
    void BreakOff();

    /// <summary>Ends the request, whose client is told by somebody else: nothing more of it is sent once this returns.</summary>
    void Interrupt();

    /// <summary>Ends the request with an error if it is a stream that the session's new user may not have.</summary>
    /// <returns>Ends when that has been decided.</returns>
    Task OnUserChangedAsync();

    /// <summary>Answers in the place of a handler that does not stop.</summary>
    void Abandon();
}
