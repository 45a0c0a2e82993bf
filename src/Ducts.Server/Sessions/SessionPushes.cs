using Ducts.Connections;

namespace Ducts.Sessions;

/// <summary>A session's messages that answer no request: they are queued in the order in which they come, each once there is room.</summary>
/// <remarks>Threading: any thread. What has to wait is queued by one task, which runs only while something waits.</remarks>
internal sealed class SessionPushes(Session session)
{
    private readonly Lock _gate = new();
    private Queue<Push>? _waiting;
    private TaskCompletionSource? _needsSocket;
    private volatile bool _waits;
    private long _sharedBytes;

    /// <summary>Gets the bytes of messages to several sessions that wait here, which the session's account does not have.</summary>
    public long SharedBytes => Volatile.Read(ref _sharedBytes);

    /// <summary>Ends when something waits for room that only a socket can make.</summary>
    public Task WhenNeedsSocket()
    {
        lock (_gate)
        {
            _needsSocket ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_waits)
                _needsSocket.TrySetResult();
            return _needsSocket.Task;
        }
    }

    /// <summary>Sends a message to this session alone.</summary>
    /// <exception cref="OperationCanceledException">The session has ended, or the token was cancelled.</exception>
    public ValueTask SendAsync(int eventId, object? data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        session.Closed.ThrowIfCancellationRequested();
        var buffer = MessageBuffer.Rent();
        try
        {
            session.Context.Pushes.Pack(buffer, eventId, data);
            if (CanSend)
            {
                session.Channel.SendWhole(buffer, session.PushEncoding);
                session.Flush();
                return ValueTask.CompletedTask;
            }

            var push = new Push(buffer.Written.ToArray(), targets: 1, Charge);
            push.BeginToWait();
            Enqueue(push);
            return new ValueTask(WaitAsync(push, cancellationToken));
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>Gets whether a message may be queued now: there is room, and nothing older waits.</summary>
    public bool CanSend => !_waits && !session.Outbox.IsFull;

    /// <summary>Takes bytes from the session's account, or gives a negative number of them back.</summary>
    public void Charge(long bytes)
    {
        if (bytes > 0)
            session.Account.Take(bytes);
        else
            session.Account.Give(-bytes);
    }

    /// <summary>Queues a message behind those that wait.</summary>
    public void Enqueue(Push push)
    {
        lock (_gate)
        {
            (_waiting ??= []).Enqueue(push);
            _sharedBytes += push.SharedBytes;
            _needsSocket?.TrySetResult();
            if (_waits)
                return;
            _waits = true;
        }

        // It never fails, and ends with what waits; the pushes themselves are awaited.
        _ = Task.Run(SendWaitingAsync);
    }

    private async Task WaitAsync(Push push, CancellationToken cancellationToken)
    {
        await push.WaitAsync(cancellationToken);
        if (push.Reached == 0)
            throw new OperationCanceledException("The session has ended.", session.Closed);
    }

    private async Task SendWaitingAsync()
    {
        while (true)
        {
            await session.Outbox.WaitForRoomAsync(CancellationToken.None);
            Push? push;
            lock (_gate)
            {
                if (!_waiting!.TryPeek(out push))
                {
                    _waiting = null;
                    _waits = false;
                    return;
                }
            }

            Send(push);
            lock (_gate)
                _sharedBytes -= _waiting.Dequeue().SharedBytes;
        }
    }

    private void Send(Push push)
    {
        var encoding = session.PushEncoding;
        if (!push.TryBegin(encoding, out var message))
            return;
        var reached = !session.IsClosed;
        if (reached)
        {
            session.Outbox.Append(encoding, message.Span);
            session.Flush();
        }

        push.End(reached);
    }
}
