using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

[Collection(Alone.Name)]
public sealed class SessionMemoryTests(RedisFixture redis)
{
    /// <summary>Set the variable to 10000 for the long run.</summary>
    [Fact]
    public async Task Memory_returns_to_its_start_after_sessions_came_and_went()
    {
        var amount = int.TryParse(Environment.GetEnvironmentVariable("DUCTS_TEST_SESSIONS"), out var wanted) ? wanted : 400;
        await using var server = await WireServer.StartAsync(redis);
        await ComeAndGoAsync(server, 50);
        var before = Memory();

        await ComeAndGoAsync(server, amount);
        await Until.TrueAsync(() => server.Sessions.Count == 0);

        // The whole cost of a session, kept, would be many times this.
        var grown = Memory() - before;
        Assert.True(grown < 2_000_000 + (amount * 200L), $"{grown} bytes more after {amount} sessions");
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
