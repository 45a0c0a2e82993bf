using Ducts.Connections;

namespace Ducts.Sessions;

/// <summary>Handles the messages that wait in a session's inbox, each as soon as it may be, until none is left.</summary>
/// <remarks>Threading: one pump of a session at a time, see <see cref="WatchedLoop"/>.</remarks>
internal sealed class InboxPump(Session session, Inbox inbox) : WatchedLoop(session.Context.Watch)
{
    private readonly IMessageDispatch _dispatch = session.Context.Dispatcher.CreateDispatch(session.Channel);
    private WaitingMessage? _current;
    private int _missing;

    private enum Step
    {
        Wait,
        LetOthers,
        End,
        Abandon,
    }

    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var step = DispatchReady();
                if (step == Step.Abandon)
                {
                    return;
                }

                session.Flush();
                if (step == Step.End)
                {
                    return;
                }

                BeginTurn();
                if (step == Step.LetOthers)
                {
                    await Task.Yield();
                    continue;
                }

                await session.Capacity.WaitToDispatchAsync(_missing, session.Closed);
            }
        }
        catch (OperationCanceledException)
        {
            // The session is over, which ends what waits, too.
        }
        catch (Exception exception)
        {
            // Nothing is expected here; what waits is answered, so that no client waits for ever.
            session.Context.Log.PumpFailed(exception, session.SessionId);
            inbox.CancelAll();
        }
    }

    protected override void OnTakenOver()
    {
        // The request goes on alone, as one that runs.
        inbox.BeganToRun(_current!.Length);
        inbox.StartPump();
    }

    protected override void OnParted()
    {
        inbox.EndedToRun(_current!.Length);
        inbox.End(_current);
        // Its receipt may have become due.
        session.Flush();
    }

    private Step DispatchReady()
    {
        try
        {
            return DispatchAll();
        }
        finally
        {
            EndBatch();
        }
    }

    private Step DispatchAll()
    {
        while (true)
        {
            if (IsTurnOver)
            {
                return Step.LetOthers;
            }

            if (inbox.Take(out var isEmpty) is not { } message)
            {
                _missing = 0;
                return isEmpty ? Step.End : Step.Wait;
            }

            _current = message;
            var dispatch = BeginDispatch();
            _missing = _dispatch.Dispatch(message.Encoding, message.Bytes, message.Credit);
            if (!TryEndDispatch(dispatch))
            {
                session.Flush();
                Part();
                return Step.Abandon;
            }

            if (_missing > 0)
            {
                inbox.PutBack(message);
                return Step.Wait;
            }

            inbox.End(message);
        }
    }
}
