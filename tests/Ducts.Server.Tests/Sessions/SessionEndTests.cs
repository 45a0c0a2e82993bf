using Ducts.Connections;
using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

/// <summary>What ends a session whose client counts messages, and what does not.</summary>
public sealed class SessionEndTests(RedisFixture redis) : ResumingTests(redis)
{
    [Fact]
    public async Task A_close_leaves_the_session_waiting()
    {
        var client = await OpenAsync();
        await client.SendAsync("[1,1006,\"kept\"]");
        await Until.TrueAsync(() => Server.Events.Held == 1);
        await client.Wire.SendFrameAsync(Opcode.Close, new byte[] { 0x03, 0xe9 });
        Assert.Equal("close 1000", await client.ReceiveAsync());
        Server.Events.Release.TrySetResult();
        var next = await ResumeAsync(0, client.Life, 2);
        Assert.Equal("[1,1006,\"kept\"]", await next.ReceiveAsync());
    }

    [Fact]
    public async Task End_is_answered_and_ends_the_session_for_good()
    {
        var client = await OpenBusyAsync();
        await client.SendAsync("[2,1006,\"waits\"]");
        Assert.Equal("[3,12,true]", await client.CallAsync("[3,12,null]"));
        Assert.Equal("close 1000 ended", await client.ReceiveAsync());
        await Until.TrueAsync(() => Server.Events.Cancelled == 1 && Server.Registry.Count == 0);
        Assert.Equal(1, Server.Events.Held);
        Assert.Equal("close 4005 there is no such session", await SayHelloAsync(0, client.Life, 2));
    }

    [Fact]
    public async Task End_is_no_event_of_a_session_of_version_1()
    {
        await StartAsync();
        await using var client = await Server.OpenAsync();
        Assert.Equal("[1,-12,\"KeyError('no event 12')\"]", await client.CallAsync("[1,12,null]"));
        Assert.Equal("[2,1000,0]", await client.CallAsync("[2,1000,0]"));
    }

    [Fact]
    public async Task A_server_that_stops_says_so_by_a_close_code()
    {
        var client = await OpenAsync();
        await Server.StopAsync();
        Assert.StartsWith("close 1001", await client.ReceiveAsync(), StringComparison.Ordinal);
    }
}
