using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

[Collection(Alone.Name)]
public sealed class SessionMemoryTests(RedisFixture redis, ITestOutputHelper output)
{
    /// <summary>Set the variable to 10000 for the long run.</summary>
    [Fact]
    public async Task Memory_returns_to_its_start_after_sessions_came_and_went()
    {
        var amount = int.TryParse(Environment.GetEnvironmentVariable("DUCTS_TEST_SESSIONS"), out var wanted) ? wanted : 400;
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.ReconnectTimeout = TimeSpan.Zero);
        await ComeAndGoAsync(server, 50);
        var before = Memory();

        await ComeAndGoAsync(server, amount);
        await Until.TrueAsync(() => server.Sessions.Count == 0);

        Assert.Empty(server.Log.Errors);
        // What the test itself has kept of them.
        server.Log.Clear();
        server.Hooks.Clear();
        var grown = Memory() - before;
        output.WriteLine($"{grown} bytes more after {amount} sessions");
        // The whole cost of a session, kept, would be many times this.
        Assert.True(grown < 1_000_000 + (amount * 50L), $"{grown} bytes more after {amount} sessions");
    }

    /// <summary>Items of a size for which buffers that double are at their worst.</summary>
    [Theory]
    [InlineData(66_000)]
    [InlineData(8_300)]
    public async Task A_session_whose_reader_stops_takes_no_more_memory_than_its_outbox_may_hold(int size)
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await WireClient.OpenAsync(server.Port, issued.Path, receiveBuffer: 64 * 1024);
        await using var other = await server.OpenAsync();
        var session = server.Session(issued);
        await client.CallAsync("[1,1000,1]");
        await other.CallAsync("[1,1000,1]");
        var before = Memory();

        await client.SendAsync($"[1,1008,[{int.MaxValue},{size}]]");
        await Until.TrueAsync(() => session.Outbox.IsFull);
        for (var i = 0; i < 50; i++)
            await other.CallAsync("[1,1000,1]");

        var grown = Memory() - before;
        output.WriteLine($"{grown} bytes more, {session.Outbox.Bytes} of them queued");
        // Less than nothing where pools have just let go what other tests had left in them.
        Assert.True(grown <= session.Options.OutboxLimit + (1024 * 1024), $"{grown} bytes more");
    }

    private static async Task ComeAndGoAsync(WireServer server, int amount)
    {
        for (var i = 0; i < amount; i++)
        {
            await using var client = await server.OpenAsync();
            await client.SendTextAsync("""{"request_id":1,"event_id":0,"data":null}""");
            await client.ReceiveAsync();
            await client.SendAsync("[1,1006,\"held to the end\"]");
            await client.SendFrameAsync(Ducts.Connections.Opcode.Close, Array.Empty<byte>());
            Assert.Equal("close 1000", await client.ReceiveAsync());
        }
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
