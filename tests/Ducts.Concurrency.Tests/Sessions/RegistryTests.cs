using Ducts.Protocol;
using Ducts.Sessions;

namespace Ducts.Concurrency.Sessions;

/// <summary>The registry: sessions that are opened, opened anew, closed and stopped at once.</summary>
public class RegistryTests
{
    [Fact]
    public void Of_one_ticket_that_is_opened_at_once_one_session_lives_and_the_others_have_ended() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();

        var sessions = await ModelTasks.WhenAll(Enumerable.Range(0, 3).Select(_ => ModelTasks.Run(() => server.OpenAsync())).ToArray());

        var lives = Assert.Single(server.Registry.Live);
        Assert.Contains(lives, sessions);
        foreach (var session in sessions.Where(session => session != lives))
        {
            await session.Ended;
            Assert.True(session.IsClosed);
        }

        Assert.False(lives.IsOver);
    });

    [Fact]
    public void Who_closes_a_session_that_is_being_closed_waits_for_its_end() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = await server.OpenAsync();
        var socket = new ModelSocket();
        var running = ModelTasks.Run(() => server.RunAsync(session, socket));

        await ModelTasks.WhenAll(Enumerable.Range(0, 3).Select(_ => ModelTasks.Run(async () =>
        {
            await server.Registry.CloseAsync(session, SessionEnd.Left);
            Assert.True(session.Ended.IsCompleted);
            // Whoever waited for that may open it anew.
            Assert.Empty(server.Registry.Live);
        })).ToArray());

        Assert.Empty(server.Registry.Live);
        socket.End();
        await running;
    });

    [Fact]
    public void A_session_that_is_opened_while_the_server_stops_is_closed() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var first = await server.OpenAsync(1);

        var opening = ModelTasks.Run(() => server.OpenAsync(2));
        var reopening = ModelTasks.Run(() => server.OpenAsync(1));
        var stopping = ModelTasks.Run(() => server.Registry.StopAsync(ModelTasks.LongTime));
        Session[] sessions = [await opening, await reopening];
        await stopping;

        Assert.Empty(server.Registry.Live);
        Assert.All([first, .. sessions], static session => Assert.True(session.IsClosed));
    });

    [Fact]
    public void A_stop_ends_the_sockets_and_waits_for_the_closing_hooks() => Exploration.Passes(static async () =>
    {
        using var server = new ModelServer();
        var session = await server.OpenAsync();
        var socket = new ModelSocket();
        var running = ModelTasks.Run(() => server.RunAsync(session, socket));
        var peer = ModelTasks.Run(async () =>
        {
            await socket.UntilAsync(static socket => socket.CloseCode != 0 || socket.IsAborted);
            socket.End();
        });

        await server.Registry.StopAsync(ModelTasks.LongTime);
        await ModelTasks.WhenAll(running, peer);

        Assert.Equal(session.HasOpened ? 1 : 0, server.Changes.Ran(session).Count(static what => what == "Closed ends"));
        Assert.Empty(server.Registry.Live);
    });

    [Fact]
    public void Who_waits_for_requests_is_woken_by_the_one_that_ends_last() => Exploration.Passes(static async () =>
    {
        var requests = ModelServer.CreateRequests(limit: 2);
        requests.Began();
        requests.Began();

        var ending = new[] { ModelTasks.Run(requests.Ended), ModelTasks.Run(requests.Ended) };
        var below = ModelTasks.Run(requests.WaitBelowLimitAsync);
        var none = ModelTasks.Run(requests.WaitNoneAsync);

        await ModelTasks.WhenAll([.. ending, below, none]);
        Assert.Equal(0, requests.Count);
    });
}
