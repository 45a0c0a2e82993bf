using Ducts.Sessions;
using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

/// <summary>The windows of streams, which clients give credit.</summary>
public sealed class WindowTests(RedisFixture redis) : ResumingTests(redis)
{
    [Fact]
    public async Task A_window_lets_so_many_items_go_and_holds_up_nobody_else()
    {
        var client = await OpenAsync();
        await client.SendAsync("[null,9,{\"id\":1,\"credit\":3}]");
        await client.SendAsync("[1,1008,[10,1]]");
        Assert.Equal(["[1,1,[1,1008,\"AA==\"]]", "[1,2,[1,1008,\"AA==\"]]", "[1,2,[1,1008,\"AA==\"]]"], await client.ReceiveAsync(3));
        await client.SendAsync("[2,1001,2]");
        Assert.Equal(["[2,1,[2,1001,1]]", "[2,2,[2,1001,2]]", "[2,3,[2,1001,null]]"], await client.ReceiveAsync(3));
        Assert.Equal(3, Server.Events.Produced);
        // Over another connection, too.
        var next = await ResumeAsync(6, client.Life, 2);
        await next.SendAsync("[null,9,{\"id\":1,\"credit\":1}]");
        await next.ReceiveAsync();
        Assert.Equal("[3,1000,0]", await next.CallAsync("[3,1000,0]"));
        Assert.Equal(4, Server.Events.Produced);
        await next.SendAsync("[null,9,{\"id\":1,\"credit\":2147483647}]");
        Assert.Equal("[1,3,[1,1008,null]]", (await next.ReceiveAsync(7))[6]);
    }

    [Fact]
    public async Task Credit_for_another_request_is_dropped_and_a_stream_without_has_no_window()
    {
        var client = await OpenAsync();
        await client.SendAsync("[null,9,{\"id\":5,\"credit\":1}]");
        await client.SendAsync("[1,1001,4]");
        await client.ReceiveAsync(5);
        await client.SendAsync("[5,1001,4]");
        Assert.Equal("[5,3,[5,1001,null]]", (await client.ReceiveAsync(5))[4]);
    }

    [Fact]
    public async Task A_request_does_not_overtake_the_credit_before_it()
    {
        var client = await OpenAsync();
        // Looking for the request of a credit takes longer than a handler may keep its thread before others go on in its place.
        using var slow = new SlowRequest();
        Server.Session(Issued).Requests.Add(slow);
        await client.SendAsync("[null,9,{\"id\":5,\"credit\":1}]");
        await client.SendAsync("[5,1008,[10,1]]");
        await client.SendAsync("[6,1000,0]");
        Assert.Equal(["[5,1,[5,1008,\"AA==\"]]", "[6,1000,0]"], (await client.ReceiveAsync(2)).Order(StringComparer.Ordinal));
        Assert.Equal("[7,1000,0]", await client.CallAsync("[7,1000,0]"));
        Assert.Equal(1, Server.Events.Produced);
    }

    [Fact]
    public async Task Credit_adds_to_a_stream_that_still_waits_for_its_turn()
    {
        var client = await OpenBusyAsync();
        await client.SendAsync("[null,9,{\"id\":2,\"credit\":1}]");
        await client.SendAsync("[2,1008,[10,1]]");
        await client.SendAsync("[null,9,{\"id\":2,\"credit\":2}]");
        await client.SendAsync("[\"c\",6,77]");
        await client.ReceiveAsync();
        Server.Events.Release.TrySetResult();
        await client.ReceiveAsync(4);
        Assert.Equal("[3,1000,0]", await client.CallAsync("[3,1000,0]"));
        Assert.Equal(3, Server.Events.Produced);
    }

    [Fact]
    public async Task A_stream_that_waits_for_credit_can_be_cancelled()
    {
        var client = await OpenAsync();
        await client.SendAsync("[null,9,{\"id\":1,\"credit\":1}]");
        await client.SendAsync("[1,1008,[10,1]]");
        await client.ReceiveAsync();
        await client.SendAsync("[2,6,1]");
        var answers = await client.ReceiveAsync(2);
        Assert.Equal(["[1,3,[1,1008,null]]", "[2,6,true]"], answers.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_costs_its_window_beside_nine_at_full_speed_and_calls()
    {
        const int Window = 8;
        const int Fast = 9;
        const int Items = 2000;
        var client = await OpenAsync();
        await client.SendAsync($"[null,9,{{\"id\":1,\"credit\":{Window}}}]");
        await client.SendAsync("[1,1008,[1000000,1]]");
        for (var id = 2; id < 2 + Fast; id++)
        {
            await client.SendAsync($"[{id},1001,{Items}]");
            await client.SendAsync($"[{100 + id},1000,0]");
        }

        var messages = await client.ReceiveAsync(Window + (Fast * (Items + 2)));

        Assert.Equal(Window, messages.Count(static message => message.Contains("[1,1008,", StringComparison.Ordinal)));
        Assert.Equal(Fast, messages.Count(static message => message.EndsWith(",1000,0]", StringComparison.Ordinal)));
        Assert.Equal(Fast, messages.Count(static message => message.EndsWith(",1001,null]]", StringComparison.Ordinal)));
        Assert.Equal(Window, Server.Events.Produced);
    }

    private sealed class SlowRequest : ISessionRequest, IDisposable
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

        private readonly ManualResetEventSlim _never = new();

        public bool IsStream => false;

        public bool HasId(ReadOnlySpan<byte> requestId)
        {
            _never.Wait(Pause);
            return false;
        }

        public void AddCredit(int credit)
        {
        }

        public void Cancel()
        {
        }

        public void BreakOff()
        {
        }

        public void Interrupt()
        {
        }

        public Task OnUserChangedAsync() => Task.CompletedTask;

        public void Abandon()
        {
        }

        public void Dispose() => _never.Dispose();
    }
}
