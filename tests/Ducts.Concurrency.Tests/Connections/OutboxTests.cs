using Ducts.Protocol;

namespace Ducts.Concurrency.Connections;

/// <summary>Outbox and sender: what is appended leaves once, whole, and in order.</summary>
public class OutboxTests
{
    [Fact]
    public void Messages_of_several_threads_leave_once_and_in_the_order_of_each_thread() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = server.CreateSession();
        var socket = new ModelSocket { IsSlow = true };
        using var connection = server.CreateConnection(session, socket);
        session.Outbox.Attach(connection);

        var sending = Enumerable.Range(1, 3).Select(thread => ModelTasks.Run(() =>
        {
            for (var i = 0; i < 3; i++)
            {
                ModelServer.Send(session.Outbox, (thread * 10) + i);
            }
        })).ToArray();
        connection.Sender.Start();
        await ModelTasks.WhenAll(sending);
        await socket.UntilAsync(static socket => socket.Received.Count == 9);

        foreach (var thread in socket.Received.GroupBy(static number => number / 10))
        {
            Assert.Equal([0, 1, 2], thread.Select(static number => number % 10));
        }

        connection.Sender.StopMessages();
        connection.Sender.Finish();
        await connection.Sender.Ended;
        Assert.Equal(0, session.Outbox.Bytes);
    });

    [Fact]
    public void A_message_that_comes_while_another_is_sent_leaves_by_itself() => Exploration.Passes(
        static async () =>
        {
            using var server = new ModelServer();
            var session = server.CreateSession();
            var socket = new ModelSocket();
            using var connection = server.CreateConnection(session, socket);
            session.Outbox.Attach(connection);
            connection.Sender.Start();

            await ModelTasks.WhenAll(ModelTasks.Run(() => ModelServer.Send(session.Outbox, 1)), ModelTasks.Run(() => ModelServer.Send(session.Outbox, 2)));
            await socket.UntilAsync(static socket => socket.Received.Count == 2);
        },
        schedules: 300);

    [Fact]
    public void What_one_socket_has_not_taken_the_next_one_gets_in_order() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = server.CreateSession();
        var (first, second) = (new ModelSocket { IsSlow = true }, new ModelSocket());
        using var before = server.CreateConnection(session, first);
        using var after = server.CreateConnection(session, second);
        session.Outbox.Attach(before);
        before.Sender.Start();

        var sending = ModelTasks.Run(() =>
        {
            for (var number = 1; number <= 6; number++)
            {
                ModelServer.Send(session.Outbox, number);
            }
        });
        var replacing = ModelTasks.Run(() =>
        {
            session.Outbox.Attach(after);
            after.Sender.Start();
        });
        await ModelTasks.WhenAll(sending, replacing);
        await WhenBothHaveAsync(first, second, 6);

        Assert.Equal([1, 2, 3, 4, 5, 6], [.. first.Received, .. second.Received]);
    });

    [Fact]
    public void A_socket_that_comes_during_a_write_of_the_one_before_it_goes_on_where_that_ends() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = server.CreateSession();
        var reads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (first, second) = (new ModelSocket { Reads = reads.Task }, new ModelSocket());
        using var before = server.CreateConnection(session, first);
        using var after = server.CreateConnection(session, second);
        session.Outbox.Attach(before);
        before.Sender.Start();
        ModelServer.Send(session.Outbox, 1);
        ModelServer.Send(session.Outbox, 2);

        var reading = ModelTasks.Run(() => reads.SetResult());
        var replacing = ModelTasks.Run(() =>
        {
            session.Outbox.Attach(after);
            after.Sender.Start();
            before.SendClose(CloseCode.Replaced, "");
        });
        await ModelTasks.WhenAll(reading, replacing);
        await WhenBothHaveAsync(first, second, 2);

        Assert.Equal([1, 2], [.. first.Received, .. second.Received]);
    });

    [Fact]
    public void What_a_peer_that_reads_nothing_was_to_get_the_next_socket_gets() => Exploration.Passes(
        static async () =>
        {
            using var server = new ModelServer();
            var session = server.CreateSession();
            var never = new TaskCompletionSource();
            // One that owns its socket: what a stream has been given is lost with it.
            var (first, second) = (new ModelSocket { Reads = never.Task }, new ModelSocket());
            using var before = server.CreateConnection(session, first, ownsSocket: true);
            using var after = server.CreateConnection(session, second);
            session.Outbox.Attach(before);
            before.Sender.Start();

            var sending = ModelTasks.Run(() => ModelServer.Send(session.Outbox, 1));
            var replacing = ModelTasks.Run(() =>
            {
                session.Outbox.Attach(after);
                after.Sender.Start();
                before.Sender.StopMessages();
            });
            await ModelTasks.WhenAll(sending, replacing);
            await second.UntilAsync(static socket => socket.Received.Count == 1);
        },
        schedules: 300);

    [Fact]
    public void A_socket_that_is_detached_takes_nothing_more() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = server.CreateSession();
        var (first, second) = (new ModelSocket(), new ModelSocket());
        using var before = server.CreateConnection(session, first);
        using var after = server.CreateConnection(session, second);
        session.Outbox.Attach(before);
        before.Sender.Start();

        var sending = ModelTasks.Run(() =>
        {
            for (var number = 1; number <= 4; number++)
            {
                ModelServer.Send(session.Outbox, number);
            }
        });
        var detaching = ModelTasks.Run(() => session.Outbox.Detach(before));
        await ModelTasks.WhenAll(sending, detaching);
        session.Outbox.Attach(after);
        after.Sender.Start();
        await WhenBothHaveAsync(first, second, 4);

        Assert.Equal([1, 2, 3, 4], [.. first.Received, .. second.Received]);
    });

    [Fact]
    public void Who_waits_for_room_goes_on_once_there_is_some() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer(static options => options.WebSocketServer.OutboxLimit = 20);
        var session = server.CreateSession();
        var socket = new ModelSocket { IsSlow = true };
        using var connection = server.CreateConnection(session, socket);
        session.Outbox.Attach(connection);
        connection.Sender.Start();

        var streams = Enumerable.Range(0, 2).Select(stream => ModelTasks.Run(async () =>
        {
            for (var i = 0; i < 5; i++)
            {
                await session.Outbox.WaitForRoomAsync(CancellationToken.None);
                ModelServer.Send(session.Outbox, (stream * 10) + i);
            }
        })).ToArray();

        await ModelTasks.WhenAll(streams);
        await socket.UntilAsync(static socket => socket.Received.Count == 10);
    });

    [Fact]
    public void Who_waits_for_a_turn_or_for_room_goes_on_when_the_outbox_closes() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer(static options => options.WebSocketServer.OutboxLimit = 20);
        var session = server.CreateSession();
        for (var number = 1; number <= 30; number++)
        {
            // Nobody takes them: room for the first four, and for a piece once none is left.
            session.Outbox.Append(WireEncoding.MessagePack, new byte[Ducts.Connections.Outbox.CopyThreshold + number]);
        }

        var room = ModelTasks.Run(async () => await session.Outbox.WaitForRoomAsync(CancellationToken.None));
        var turn = ModelTasks.Run(async () => await session.Outbox.WaitForBulkAsync(CancellationToken.None));
        var closing = ModelTasks.Run(session.Outbox.Close);

        await ModelTasks.WhenAll(room, turn, closing);
    });

    [Fact]
    public void A_close_that_waits_comes_after_all_that_was_queued_before_it() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = server.CreateSession();
        var socket = new ModelSocket { IsSlow = true };
        using var connection = server.CreateConnection(session, socket);
        session.Outbox.Attach(connection);

        var starting = ModelTasks.Run(connection.Sender.Start);
        ModelServer.Send(session.Outbox, 1);
        ModelServer.Send(session.Outbox, 2);
        connection.Close(1001, "", drain: true);
        await starting;
        await socket.UntilAsync(static socket => socket.CloseCode != 0);

        Assert.Equal([1, 2], socket.Received);
    });

    private static Task WhenBothHaveAsync(ModelSocket first, ModelSocket second, int count) =>
        ModelSocket.UntilAsync([first, second], () => first.Received.Count + second.Received.Count == count);
}
