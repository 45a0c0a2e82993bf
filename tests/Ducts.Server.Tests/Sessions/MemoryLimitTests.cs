using System.Collections.Concurrent;
using Ducts.Connections;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Sessions;

/// <summary>What hostile clients make sessions keep, with small limits, while honest clients call.</summary>
public sealed class MemoryLimitTests(RedisFixture redis)
{
    private const int MiB = 1024 * 1024;
    private const int Limit = 64 * MiB;
    private const int Large = 2001;
    private const int LargeLater = 2002;
    private const int Keep = 2003;

    private static readonly byte[] Reply = new byte[MiB];

    [Theory]
    [InlineData(Large)]
    [InlineData(LargeLater)]
    public async Task Large_replies_that_are_not_read_keep_further_requests_waiting_and_all_come(int eventId)
    {
        const int Count = 60;
        var later = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync(later);
        var issued = await server.IssueAsync();
        await using var client = await WireClient.OpenAsync(server.Port, issued.Path, receiveBuffer: 16 * 1024);
        await using var honest = await server.OpenAsync();
        var session = server.Session(issued);
        for (var i = 0; i < Count; i++)
            await client.SendAsync($"[{i},{eventId},null]");
        later.SetResult();

        await Until.TrueAsync(() => session.Outbox.IsFull);
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal("[1,1000,1]", await honest.CallAsync("[1,1000,1]"));
            // Each reply takes an array of twice its size; one is not counted, and each thread may have added one.
            Assert.InRange(session.Account.Used, 0, session.Options.OutboxLimit + ((2 + Environment.ProcessorCount) * 2L * MiB) + MiB);
        }

        var received = new ConcurrentDictionary<int, int>();
        while (received.Values.Count(static bytes => bytes > MiB) < Count)
        {
            var (_, message) = await client.ReceiveBytesAsync();
            Assert.NotEmpty(message);
            received.AddOrUpdate(message[1], message.Length, (_, bytes) => bytes + message.Length);
        }

        await Until.TrueAsync(() => session.Account.Used == 0);
    }

    [Fact]
    public async Task The_limit_of_all_sessions_holds_while_honest_calls_are_answered()
    {
        await using var server = await StartAsync();
        var budget = Budget(server);
        await using var honest = await server.OpenAsync();
        // The first call tells how large the replies are.
        var teacher = await server.OpenAsync();
        await teacher.CallAsync($"[1,{Large},null]");
        await teacher.DisposeAsync();
        var hostile = new List<WireClient>();
        var most = 0L;
        for (var i = 0; i < 48 && !budget.IsSpent; i++)
        {
            var client = await WireClient.AskAsync(server.Port, (await server.IssueAsync()).Path, receiveBuffer: 16 * 1024);
            hostile.Add(client);
            if (client.Status == 503)
                break;
            for (var call = 0; call < 10; call++)
                await client.SendAsync($"[{call},{Large},null]");
            for (var call = 0; call < 10; call++)
            {
                Assert.Equal("[1,1000,1]", await honest.CallAsync("[1,1000,1]"));
                most = Math.Max(most, budget.Used);
            }
        }

        await Until.TrueAsync(() => budget.IsSpent);
        for (var call = 0; call < 100; call++)
        {
            Assert.Equal("[1,1000,1]", await honest.CallAsync("[1,1000,1]"));
            most = Math.Max(most, budget.Used);
        }

        Assert.InRange(most, Limit / 2, Limit + (Limit / 10));

        // New sessions are refused, with the time after which to ask again.
        var issued = await server.IssueAsync();
        await using (var refused = await WireClient.AskAsync(server.Port, issued.Path))
        {
            Assert.Equal(503, refused.Status);
            Assert.Contains("Retry-After: 5", refused.Answer, StringComparison.OrdinalIgnoreCase);
        }

        // Sessions whose clients went away are ended, and then new ones begin, also with what was issued before.
        var live = server.Sessions.Count;
        foreach (var client in hostile)
            client.Reset();
        await Until.TrueAsync(() => server.Sessions.Count < live && !budget.IsSpent);
        await using var late = await server.OpenAsync(issued);
        Assert.Equal("[1,1000,1]", await late.CallAsync("[1,1000,1]"));
        Assert.Equal("[1,1000,1]", await honest.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task Parts_of_large_messages_stay_within_the_limit_and_all_are_answered_in_the_end()
    {
        const int Size = 6 * MiB;
        const int Count = 24;
        await using var server = await StartAsync();
        var budget = Budget(server);
        await using var honest = await server.OpenAsync();
        var frame = WireClient.FrameBytes(Opcode.Binary, (byte[])[0x93, 1, 0xcd, 0x07, 0xd3, 0xc6, 0, 0x60, 0, 0, .. new byte[Size]]);
        var clients = new List<WireClient>();
        for (var i = 0; i < Count; i++)
            clients.Add(await server.OpenAsync());
        var most = 0L;

        // All but a byte, of all of them at once: more than twice the limit.
        var sending = clients.Select(client => Task.Run(() => client.SendRawAsync(frame.AsMemory(0, frame.Length - 1)))).ToArray();
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal("[1,1000,1]", await honest.CallAsync("[1,1000,1]"));
            most = Math.Max(most, budget.Used);
        }

        // Each ends its message when the server has taken the most of it.
        var answers = clients.Select((client, i) => Task.Run(async () =>
        {
            await sending[i];
            await client.SendRawAsync(frame.AsMemory(frame.Length - 1));
            return await client.ReceiveAsync();
        })).ToArray();
        foreach (var answer in answers)
            Assert.Equal($"[1,{Keep},{Size}]", await answer);
        // One at a time may exceed it, until its message is whole.
        Assert.InRange(most, 1, Limit + (8 * MiB) + (Limit / 10));
        await Until.TrueAsync(() => budget.Used <= (Count + 1) * (MemoryBudget.SessionCost + 64 * 1024));
    }

    [Fact]
    public async Task The_bytes_of_requests_that_run_count_until_they_end()
    {
        const int Size = MiB;
        await using var server = await StartAsync(configure: static options => options.WebSocketServer.InboxLimit = 4 * MiB);
        var issued = await server.IssueAsync();
        await using var client = await server.OpenAsync(issued);
        var session = server.Session(issued);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 16; i++)
                await client.SendAsync($"[{i},1006,\"{new string('x', Size)}\"]");
        });

        await Until.TrueAsync(() => session.Inbox.Bytes >= 4 * MiB);
        Assert.InRange(server.Events.Held, 1, 4);
        Assert.InRange(session.Account.Used, 4 * MiB, 12 * MiB);
        server.Events.Release.SetResult();

        for (var i = 0; i < 16; i++)
            Assert.True((await client.ReceiveBytesAsync()).Bytes.Length > 0);
        await sending;
    }

    private static MemoryBudget Budget(WireServer server) => server.Memory;

    private Task<WireServer> StartAsync(TaskCompletionSource? later = null, Action<DuctsOptions>? configure = null) => WireServer.StartAsync(
        redis,
        options =>
        {
            options.WebSocketServer.MemoryLimit = Limit;
            configure?.Invoke(options);
        },
        app =>
        {
            app.MapEvent(Large, "LARGE", static () => Reply);
            app.MapEvent(LargeLater, "LARGE_LATER", async () =>
            {
                if (later is not null)
                    await later.Task;
                return Reply;
            });
            app.MapEvent(Keep, "KEEP", static (byte[] bytes) => bytes.Length);
        });
}
