using Ducts.Protocol;
using Ducts.Sessions;

namespace Ducts.Concurrency.Sessions;

/// <summary>The state of a session, while sockets come and go.</summary>
public class SessionTests
{
    [Fact]
    public void Hooks_run_one_after_the_other_from_connected_to_closed() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = await server.OpenAsync();
        var (first, second) = (new ModelSocket(), new ModelSocket());

        var sockets = ModelTasks.WhenAll(ModelTasks.Run(() => server.RunAsync(session, first)), ModelTasks.Run(() => server.RunAsync(session, second)));
        var leaving = ModelTasks.Run(first.End);
        var closing = ModelTasks.Run(() => server.Registry.CloseAsync(session, SessionEnd.Left));
        second.End();
        await ModelTasks.WhenAll(sockets, leaving, closing);

        var ran = server.Changes.Ran(session);
        for (var i = 0; i < ran.Count; i += 2)
        {
            Assert.Equal(ran[i].Replace("begins", "ends", StringComparison.Ordinal), ran[i + 1]);
        }

        if (session.HasOpened)
        {
            Assert.Equal("Connected begins", ran[0]);
            Assert.Equal("Closed ends", ran[^1]);
        }

        Assert.Equal(session.HasOpened ? 1 : 0, ran.Count(static what => what == "Closed begins"));
        Assert.True(session.IsOver);
        Assert.Null(session.CurrentConnection);
    });

    [Fact]
    public void Of_sockets_that_come_at_once_the_last_to_begin_stays_and_the_others_are_told() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = await server.OpenAsync();
        var sockets = new[] { new ModelSocket(), new ModelSocket(), new ModelSocket() };
        // Each peer leaves when it has been replaced.
        var running = sockets.Select(socket => ModelTasks.Run(() => server.RunAsync(session, socket))).ToArray();
        var replaced = sockets.Select(socket => ModelTasks.Run(async () =>
        {
            await socket.UntilAsync(static socket => socket.CloseCode != 0);
            socket.End();
        })).ToArray();

        var left = new List<Task>(running);
        while (left.Count > 1)
        {
            left.Remove(await ModelTasks.WhenAny(left));
        }

        var stays = sockets.Single(static socket => socket.CloseCode == 0);
        Assert.All(sockets.Where(socket => socket != stays), static socket => Assert.Equal(CloseCode.Replaced, socket.CloseCode));
        Assert.False(session.IsOver);
        ModelServer.Send(session.Outbox, 7);
        await stays.UntilAsync(static socket => socket.Received.Count == 1);

        stays.End();
        await ModelTasks.WhenAll(running);
        Assert.Null(session.CurrentConnection);
    });

    [Fact]
    public void A_reconnect_and_the_end_of_the_waiting_agree_on_who_was_first() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = await server.OpenAsync();
        var (first, second) = (new ModelSocket(), new ModelSocket());
        var running = server.RunAsync(session, first);
        first.End();
        await running;
        server.Time.Advance(server.Options.ReconnectTimeout);

        var ticking = ModelTasks.Run(async () =>
        {
            if (session.Tick(server.Time.GetTimestamp()) is not { } end)
            {
                return false;
            }

            await server.Registry.EndAsync(session, end);
            return true;
        });
        var reconnecting = ModelTasks.Run(() => server.RunAsync(session, second));
        var isOver = await ticking;
        if (isOver)
        {
            // It is told so, and leaves.
            await second.UntilAsync(static socket => socket.CloseCode != 0);
        }
        else
        {
            ModelServer.Send(session.Outbox, 1);
            await second.UntilAsync(static socket => socket.Received.Count == 1);
        }

        second.End();
        Assert.NotEqual(isOver, await reconnecting);
        Assert.Equal(isOver, session.IsOver);
        Assert.Equal(isOver ? 1 : 0, server.Changes.Ran(session).Count(static what => what == "Closed ends"));
    });

    [Fact]
    public void A_session_that_began_to_end_takes_no_socket() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = await server.OpenAsync();
        var socket = new ModelSocket();
        var connecting = ModelTasks.Run(() => server.RunAsync(session, socket));
        var ending = ModelTasks.Run(async () =>
        {
            session.BeginEnd(new SessionEnd(CloseCode.Ended, ""));
            var taken = session.CurrentConnection;
            // Redis is being told.
            await Task.Yield();
            Assert.Equal(taken, session.CurrentConnection);
            await server.Registry.CloseAsync(session, new SessionEnd(CloseCode.Ended, ""));
            return taken is not null;
        });

        await socket.UntilAsync(static socket => socket.CloseCode != 0);
        socket.End();
        Assert.Equal(await ending, await connecting);
        Assert.Null(session.CurrentConnection);
    });

    [Fact]
    public void Nothing_is_lost_doubled_or_out_of_order_while_sockets_are_replaced() => Exploration.Passes(static async () =>
    {
        const int Messages = 6;
        using var server = new ModelServer();
        var session = await server.OpenAsync();
        var sockets = new[] { new ModelSocket { IsSlow = true }, new ModelSocket(), new ModelSocket() };
        var sending = ModelTasks.Run(() =>
        {
            for (var number = 1; number <= Messages; number++)
            {
                ModelServer.Send(session.Outbox, number);
            }
        });

        var running = new List<Task>();
        foreach (var socket in sockets)
        {
            running.Add(ModelTasks.Run(() => server.RunAsync(session, socket)));
            await Task.Yield();
        }

        await sending;
        await ModelSocket.UntilAsync(sockets, () => sockets.Sum(static socket => socket.Received.Count) == Messages);
        foreach (var socket in sockets)
        {
            socket.End();
        }

        await ModelTasks.WhenAll(running);
        // Which of them came first differs; each has a part of the sequence.
        Assert.Equal(Enumerable.Range(1, Messages), sockets.SelectMany(static socket => socket.Received).Order());
        Assert.All(sockets, static socket => Assert.Equal(socket.Received.Order(), socket.Received));
    });

    [Fact]
    public void What_a_socket_that_breaks_has_not_taken_comes_once_and_in_order_on_the_next() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = await server.OpenAsync();
        var (first, second) = (new ModelSocket { IsSlow = true, TakesWrites = 1 }, new ModelSocket());
        var running = ModelTasks.Run(() => server.RunAsync(session, first));
        var sending = ModelTasks.Run(() =>
        {
            for (var number = 1; number <= 6; number++)
            {
                ModelServer.Send(session.Outbox, number);
            }
        });
        var ending = ModelTasks.Run(first.End);
        await ModelTasks.WhenAll(running, sending, ending);

        var reconnecting = ModelTasks.Run(() => server.RunAsync(session, second));
        ModelServer.Send(session.Outbox, 7);
        await second.UntilAsync(static socket => socket.Received.Contains(7));
        second.End();
        await reconnecting;

        // What was in the write that failed may have arrived, so it is not sent again.
        int[] received = [.. first.Received, .. second.Received];
        Assert.Equal(received.Distinct().Order(), received);
    });

    [Fact]
    public void A_message_that_comes_with_the_end_of_its_socket_is_handled_before_the_session_waits() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = await server.OpenAsync();
        var handled = server.NoteHandled();
        var socket = new ModelSocket();
        var peer = ModelTasks.Run(() =>
        {
            socket.Send(2, 1);
            socket.Send(2, 2);
            socket.End();
        });

        await server.RunAsync(session, socket);
        await peer;

        Assert.Equal([1, 2], handled);
        Assert.False(session.IsOver);
        Assert.Null(session.CurrentConnection);
    });

    [Fact]
    public void A_handler_that_keeps_its_thread_does_not_keep_the_messages_behind_it() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        server.Time.Fires = false;
        var session = await server.OpenAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handled = 0;
        server.Handle = (_, number) =>
        {
            if (number == 1)
            {
                release.Task.Wait();
            }
            else
            {
                release.TrySetResult();
            }

            Interlocked.Increment(ref handled);
            return Task.CompletedTask;
        };
        var socket = new ModelSocket();
        socket.Send(2, 1);
        socket.Send(2, 2);
        var running = ModelTasks.Run(() => server.RunAsync(session, socket));
        while (Volatile.Read(ref handled) < 2)
        {
            server.Time.Fire();
            await Task.Yield();
        }

        socket.End();
        await running;
        // The handler that kept its thread counts until it has returned.
        await session.Requests.WaitNoneAsync();
    });
}
