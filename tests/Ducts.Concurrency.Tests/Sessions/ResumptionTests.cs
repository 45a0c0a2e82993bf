using Ducts.Protocol;
using Ducts.Sessions;

namespace Ducts.Concurrency.Sessions;

/// <summary>Sessions whose clients count messages, while one connection takes over from another.</summary>
public class ResumptionTests
{
    private const int Messages = 4;

    [Fact]
    public void What_the_server_sends_arrives_once_and_in_order_over_a_takeover() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = server.CreateResuming();
        var (first, second) = (new ModelSocket { IsSlow = true }, new ModelSocket { IsSlow = true });
        var running = ModelTasks.Run(() => server.ResumeAsync(session, first, attempt: 1, received: 0));
        var sending = ModelTasks.Run(() =>
        {
            for (var i = 1; i <= Messages; i++)
            {
                ModelServer.Send(session.Outbox, i);
            }
        });
        // The client stops to listen at some moment, and says what it has.
        await first.UntilAsync(static socket => socket.Welcome is not null);
        await Task.Yield();
        var received = first.Received.ToArray();
        var next = ModelTasks.Run(() => server.ResumeAsync(session, second, attempt: 2, received.Length));
        await second.UntilAsync(socket => socket.Received.Count + received.Length == Messages);
        await sending;
        Assert.Equal(Enumerable.Range(1, Messages), received.Concat(second.Received));
        Assert.True(session.Outbox.Confirm(Messages));
        Assert.Equal(0, session.Outbox.Unconfirmed);
        first.End();
        second.End();
        await ModelTasks.WhenAll(running, next);
    });

    [Fact]
    public void What_the_client_sends_is_handled_once_and_in_order_over_a_takeover() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var handled = new List<byte>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Handle = (_, number) =>
        {
            // A handler may take its time: one of the next connection must not be sooner.
            Microsoft.Coyote.Runtime.SchedulingPoint.Interleave();
            lock (handled)
            {
                handled.Add(number);
                if (number > Messages)
                {
                    all.TrySetResult();
                }
            }

            return Task.CompletedTask;
        };
        var session = server.CreateResuming();
        var (first, second) = (new ModelSocket(), new ModelSocket());
        var running = ModelTasks.Run(() => server.ResumeAsync(session, first, attempt: 1, received: 0));
        var sending = ModelTasks.Run(() =>
        {
            for (byte i = 1; i <= Messages; i++)
            {
                first.Send(2, i);
            }
        });
        await first.UntilAsync(static socket => socket.Welcome is not null);
        var next = ModelTasks.Run(() => server.ResumeAsync(session, second, attempt: 2, received: 0));
        await second.UntilAsync(static socket => socket.Welcome is not null);
        for (var i = second.Welcome!.Value + 1; i <= Messages + 1; i++)
        {
            second.Send(2, (byte)i);
        }

        await all.Task;
        await sending;
        first.End();
        second.End();
        await ModelTasks.WhenAll(running, next);
        lock (handled)
        {
            Assert.Equal(Enumerable.Range(1, Messages + 1).Select(static number => (byte)number), handled);
        }
    });

    [Fact]
    public void Of_attempts_that_come_at_once_the_highest_has_the_session() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = server.CreateResuming();
        var sockets = new[] { new ModelSocket(), new ModelSocket(), new ModelSocket() };
        var running = sockets.Select((socket, i) => ModelTasks.Run(() => server.ResumeAsync(session, socket, attempt: i + 1, received: 0))).ToArray();
        await sockets[2].UntilAsync(static socket => socket.Welcome is not null);
        ModelServer.Send(session.Outbox, 1);
        await sockets[2].UntilAsync(static socket => socket.Received.Count == 1);
        await ModelSocket.UntilAsync(sockets[..2], () => sockets[..2].All(static socket => socket.CloseCode is CloseCode.Replaced or CloseCode.OlderAttempt || socket.IsAborted));
        foreach (var socket in sockets)
        {
            socket.End();
        }

        await ModelTasks.WhenAll(running);
        Assert.Equal(0, sockets[2].CloseCode);
        Assert.Equal(3, session.Resumption!.Attempt);
    });
}
