using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

public sealed class ShutdownTests(RedisFixture redis)
{
    [Fact]
    public async Task Running_requests_may_end_then_sockets_close_with_1001()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,1006,\"x\"]");
        await client.SendAsync("[2,1015,null]");
        await Until.TrueAsync(() => server.Events.Held == 1);

        var stopping = server.StopAsync();
        // Streams end at once, regularly.
        string message;
        while ((message = await client.ReceiveAsync()) != "[2,3,[2,1015,null]]")
            Assert.StartsWith("[2,", message, StringComparison.Ordinal);
        await using var late = await WireClient.AskAsync(server.Port, "/ducts/ws/v1/x");
        Assert.Equal(503, late.Status);
        server.Events.Release.SetResult();

        Assert.Equal("[1,1006,\"x\"]", await client.ReceiveAsync());
        Assert.Equal("close 1001 server stops", await client.ReceiveAsync());
        await client.SendFrameAsync(Ducts.Connections.Opcode.Close, Packed.Hex("03e9"));
        await stopping;
        Assert.EndsWith("a:closed b:closed", server.Hooks.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_that_do_not_end_in_time_get_an_error()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.ShutdownTimeout = 0.1);
        var clients = new List<WireClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await server.OpenAsync());
            await clients[^1].SendAsync("[1,1006,\"x\"]");
        }

        await Until.TrueAsync(() => server.Events.Held == clients.Count);

        var stopping = server.StopAsync();

        foreach (var client in clients)
        {
            Assert.Equal("[1,-1006,\"RuntimeError('cancelled')\"]", await client.ReceiveAsync());
            Assert.Equal("close 1001 server stops", await client.ReceiveAsync());
            await client.DisposeAsync();
        }

        await stopping;
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_peer_that_reads_nothing_does_not_keep_the_server_from_stopping()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.ShutdownTimeout = 0.1);
        var issued = await server.IssueAsync();
        await using var client = await WireClient.OpenAsync(server.Port, issued.Path, receiveBuffer: 8 * 1024);
        await client.SendAsync("[1,1008,[100000,65536]]");
        await Until.TrueAsync(() => server.Session(issued).Outbox.IsFull);

        await server.StopAsync().WaitAsync(Until.Patience);

        Assert.Equal(0, server.Sessions.Count);
    }
}
