using Ducts.MessagePack;

namespace Ducts.Client;

/// <summary>One reply.</summary>
internal sealed class UnaryReply(int eventId) : Reply(eventId)
{
    private readonly TaskCompletionSource<MessagePackElement> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<MessagePackElement> Result => _result.Task;

    /// <summary>Whether the server began to stream, so that it has to be told to stop.</summary>
    public bool IsStream { get; private set; }

    public override bool IsAbandoned => _result.Task.IsCompleted;

    public override void Complete(MessagePackElement result) => _result.TrySetResult(result);

    public override void Start(MessagePackElement item)
    {
        IsStream = true;
        _result.TrySetException(new InvalidOperationException($"Event {EventId} replies with a stream. Call StreamAsync instead of CallAsync."));
    }

    public override void Next(MessagePackElement item)
    {
    }

    // Without a start, for that has answered the call already.
    public override void End() => _result.TrySetException(new InvalidOperationException($"Event {EventId} replied with the end of a stream that had not begun."));

    public override void Fail(Exception exception) => _result.TrySetException(exception);
}
