using Ducts.Connections;
using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

/// <summary>A connection that goes on where another one of its session was lost.</summary>
public sealed class TakeoverTests(RedisFixture redis) : ResumingTests(redis)
{
    [Fact]
    public async Task What_was_not_received_comes_again_as_it_was()
    {
        var client = await OpenAsync();
        for (var i = 1; i <= 5; i++)
            await client.SendAsync($"[{i},1000,\"{i}\"]");
        var sent = await client.ReceiveAsync(5);
        client.Reset();
        var next = await ResumeAsync(received: 2, client.Life, attempt: 2);
        Assert.Equal((5L, false, client.Life), (next.Received, next.IsLost, next.Life));
        Assert.Equal(sent[2..], await next.ReceiveAsync(3));
        Assert.Equal("[6,1000,\"6\"]", await next.CallAsync("[6,1000,\"6\"]"));
    }

    [Fact]
    public async Task What_was_received_and_not_confirmed_comes_again_many_times_over()
    {
        var client = await OpenAsync();
        var life = client.Life;
        await client.SendAsync("[1,1009,[10,40000,70000,3,20]]");
        var sent = await client.ReceiveAsync(6);
        for (var attempt = 2; attempt < 15; attempt++)
        {
            client.Reset();
            // Twice each: from the beginning of what is kept, and from within it.
            var received = (attempt - 2) / 2;
            client = await ResumeAsync(received, life, attempt);
            Assert.Equal(sent[received..], await client.ReceiveAsync(6 - received));
        }
    }

    [Fact]
    public async Task A_lost_welcome_resumes_the_session_that_lives()
    {
        var client = await OpenAsync();
        client.Reset();
        var next = await ResumeAsync(attempt: 2);
        Assert.Equal((0L, false, client.Life), (next.Received, next.IsLost, next.Life));
    }

    [Fact]
    public async Task An_older_attempt_is_refused_and_the_session_goes_on()
    {
        await StartAsync();
        var client = await ResumeAsync(attempt: 3);
        foreach (var attempt in (long[])[1, 2, 3])
            Assert.Equal("close 4004 a later attempt has come", await SayHelloAsync(0, client.Life, attempt));
        Assert.Equal("[1,1000,\"a\"]", await client.CallAsync("[1,1000,\"a\"]"));
    }

    [Fact]
    public async Task Another_life_begins_anew_and_says_so()
    {
        await StartAsync();
        var client = await ResumeAsync(received: 17, life: "of a process that died", attempt: 4);
        Assert.Equal((0L, true), (client.Received, client.IsLost));
        // Its WELCOME may have been lost.
        var again = await ResumeAsync(received: 17, life: "of a process that died", attempt: 5);
        Assert.Equal((0L, true, client.Life), (again.Received, again.IsLost, again.Life));
    }

    [Fact]
    public async Task What_an_old_connection_still_delivers_neither_counts_nor_runs()
    {
        var client = await OpenAsync();
        var frame = WireClient.FrameBytes(Opcode.Binary, Packed.From("[1,1006,\"late\"]"));
        await client.Wire.SendRawAsync(frame.AsMemory(0, frame.Length - 1));
        var next = await ResumeAsync(0, client.Life, 2);
        await client.Wire.SendRawAsync(frame.AsMemory(frame.Length - 1));
        Assert.Equal("close 4001 replaced", await client.ReceiveAsync());
        await next.SendAsync("[1,1006,\"again\"]");
        Assert.Equal("[2,1000,0]", await next.CallAsync("[2,1000,0]"));
        Assert.Equal(1, Server.Events.Held);
        Server.Events.Release.TrySetResult();
        Assert.Equal("[1,1006,\"again\"]", await next.ReceiveAsync());
    }

    [Fact]
    public async Task Requests_of_two_connections_are_handled_in_their_order()
    {
        var client = await OpenAsync();
        // Keeps its thread for a while: whoever takes over meanwhile comes behind it.
        await client.SendAsync("[1,1007,\"first\"]");
        await Until.TrueAsync(() => Server.Events.Held == 1);
        var next = await ResumeAsync(0, client.Life, 2);
        Assert.Equal(1, next.Received);
        await next.SendAsync("[2,6,1]");
        Assert.StartsWith("[2,6,", await next.ReceiveAsync(), StringComparison.Ordinal);
        Server.Events.Release.TrySetResult();
        Assert.Equal("[1,1007,\"first\"]", await next.ReceiveAsync());
    }

    [Fact]
    public async Task Alive_monitoring_goes_on_over_connections_without_numbers()
    {
        var client = await OpenAsync(static options => options.Event.AliveMonitoringInterval = TimeSpan.FromSeconds(0.05));
        await client.SendAsync("[0,0,null]");
        await client.ReceiveAsync(3);
        var next = await ResumeAsync(0, client.Life, 2);
        Assert.StartsWith("[0,0,", await next.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal(0, Server.Session(Issued).Sent);
    }
}
