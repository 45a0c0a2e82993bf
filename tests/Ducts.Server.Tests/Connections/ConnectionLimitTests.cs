using System.Net;
using System.Net.Sockets;
using System.Text;
using Ducts.Tests.Support;

namespace Ducts.Tests.Connections;

/// <summary>More connections than there may be.</summary>
public sealed class ConnectionLimitTests(RedisFixture redis)
{
    [Fact]
    public async Task Beyond_the_limit_connections_are_closed_and_sessions_are_served()
    {
        await using var server = await StartAsync(5);
        var sessions = new List<WireClient>();
        // The connection that asks for the addresses is the fifth, until it is idle for so long that it gives way.
        for (var i = 0; i < 4; i++)
            sessions.Add(await server.OpenAsync());
        await Until.TrueAsync(() => server.Limit.Count is 4 or 5);

        for (var i = 0; i < 5; i++)
        {
            using var socket = await ConnectAsync(server);
            Assert.Equal(0, await ReadToEndAsync(socket, () => ConnectBrieflyAsync(server)));
            Assert.InRange(server.Limit.Count, 4, 5);
        }

        for (var i = 0; i < sessions.Count; i++)
            Assert.Equal($"[{i},1000,{i}]", await sessions[i].CallAsync($"[{i},1000,{i}]"));
        Assert.Single(server.Log.All, static line => line.Contains("The limit of 5 connections is reached", StringComparison.Ordinal));

        // A socket that was taken over gives its place back.
        foreach (var session in sessions)
            await session.DisposeAsync();
        await Until.TrueAsync(() => server.Limit.Count <= 1);
        Assert.True(await IsAnsweredAsync(server));
    }

    [Fact]
    public async Task Connections_that_say_nothing_give_way_to_those_that_do()
    {
        await using var server = await StartAsync(8);
        var issued = await server.IssueAsync();
        await using var session = await server.OpenAsync(issued);
        var silent = new List<Socket>();
        for (var i = 0; i < 20; i++)
            silent.Add(await ConnectAsync(server));

        // Refused at first, for any of the others might be about to speak.
        var answered = false;
        var deadline = Environment.TickCount64 + (long)Until.Patience.TotalMilliseconds;
        while (!answered && Environment.TickCount64 < deadline)
        {
            answered = await IsAnsweredAsync(server);
            await Task.Delay(20);
        }

        Assert.True(answered);
        Assert.Equal("[1,1000,1]", await session.CallAsync("[1,1000,1]"));
        Assert.InRange(server.Limit.Count, 1, 8);
        foreach (var socket in silent)
            socket.Dispose();
    }

    [Fact]
    public async Task A_connection_whose_request_is_being_answered_does_not_give_way()
    {
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var server = await WireServer.StartAsync(
            redis,
            static options => options.Server.MaxConnections = 2,
            app => Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapGet(app, "/slow", async () =>
            {
                entered.SetResult();
                await release.Task;
                return "slow";
            }));
        await using var slow = await WireClient.ConnectAsync(server.Port);
        await slow.SendRawAsync(Encoding.ASCII.GetBytes("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"));
        await entered.Task.WaitAsync(Until.Patience);
        // Long enough idle to give way, were it idle: the silent one beside it goes before.
        using var silent = await ConnectAsync(server);
        Assert.Equal(0, await ReadToEndAsync(silent, () => ConnectBrieflyAsync(server)));

        release.SetResult();

        await slow.ReadAnswerAsync();
        Assert.Equal(200, slow.Status);
    }

    [Fact]
    public async Task The_limit_of_the_system_is_never_reached()
    {
        await using var server = await StartAsync(0);
        await using var greedy = await StartAsync(10_000_000);
        var files = Ducts.Connections.OpenFiles.FindLimit();

        Assert.NotNull(files);
        Assert.InRange(server.Limit.Max, 16, files.Value - 128);
        Assert.InRange(greedy.Limit.Max, 16, files.Value - 128);
        Assert.Single(greedy.Log.All, static line => line.Contains("max_connections is 10000000, but the process may not open as many files", StringComparison.Ordinal));
    }

    private Task<WireServer> StartAsync(int connections) => WireServer.StartAsync(redis, options => options.Server.MaxConnections = connections);

    private static async Task<Socket> ConnectAsync(WireServer server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port));
        return socket;
    }

    private static async Task ConnectBrieflyAsync(WireServer server)
    {
        using var other = await ConnectAsync(server);
    }

    private static async Task<bool> IsAnsweredAsync(WireServer server)
    {
        try
        {
            await using var client = await WireClient.AskAsync(server.Port, "/ducts/ws/v1/x");
            return client.Status == 403;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<int> ReadToEndAsync(Socket socket, Func<Task> meanwhile)
    {
        var reading = socket.ReceiveAsync(new byte[1]);
        var deadline = Environment.TickCount64 + (long)Until.Patience.TotalMilliseconds;
        while (!reading.IsCompleted && Environment.TickCount64 < deadline)
        {
            await meanwhile();
            await Task.WhenAny(reading, Task.Delay(50));
        }

        try
        {
            return await reading.WaitAsync(TimeSpan.Zero);
        }
        catch (SocketException)
        {
            // A reset is an end, too.
            return 0;
        }
    }
}
