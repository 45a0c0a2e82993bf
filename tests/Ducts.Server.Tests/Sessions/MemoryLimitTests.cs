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

        await client.ConfirmAllAsync(session);
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
        // Requests of sessions that still wait run where there is room again, so that it may be spent once more before they end.
        await using var late = await OpenOnceThereIsRoomAsync(server, issued);
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

    [Fact]
    public async Task A_push_is_charged_while_it_waits_and_once_for_all_sessions_that_it_waits_for()
    {
        const int Size = 512 * 1024;
        await using var server = await StartAsync();
        var budget = Budget(server);
        Issued[] issued = [await server.IssueAsync(), await server.IssueAsync()];
        var kept = new int[2];
        for (var i = 0; i < issued.Length; i++)
            kept[i] = await LoseAndFillAsync(server, issued[i]);
        var session = server.Session(issued[0]);
        var (before, own) = (budget.Used, session.Account.Used);

        using var cancellation = new CancellationTokenSource();
        var alone = Enumerable.Range(0, 8).Select(_ => session.CreateView().PushAsync(1000, new byte[Size], cancellation.Token).AsTask()).ToArray();

        Assert.InRange(session.Account.Used - own, 8 * Size, 9 * Size);
        Assert.Equal(session.Account.Used - own, budget.Used - before);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(alone));
        Assert.Equal((before, own), (budget.Used, session.Account.Used));

        var pushing = Enumerable.Range(0, 8).Select(_ => server.Sessions.PushAsync(1000, new byte[Size]).AsTask()).ToArray();

        Assert.InRange(budget.Used - before, 8 * Size, 9 * Size);
        Assert.Equal(own, session.Account.Used);
        for (var i = 0; i < issued.Length; i++)
        {
            await using var back = await server.ReconnectAsync(issued[i]);
            for (var message = 0; message < kept[i] + pushing.Length; message++)
                await back.ReceiveBytesAsync();
            await back.ConfirmAllAsync(server.Session(issued[i]));
        }

        Assert.All(await Task.WhenAll(pushing).WaitAsync(Until.Patience), static reached => Assert.Equal(2, reached));
        await Until.TrueAsync(() => budget.Used <= 2 * (MemoryBudget.SessionCost + 64 * 1024));
    }

    [Fact]
    public async Task Pushes_that_wait_for_a_session_without_a_socket_end_it_before_the_limit_is_exceeded()
    {
        await using var server = await StartAsync();
        var budget = Budget(server);
        await using var quick = await server.OpenAsync();
        var (small, large) = (await server.IssueAsync(), await server.IssueAsync());
        await LoseAsync(server, small);
        await LoseAndFillAsync(server, large);

        // Nobody awaits them, as a handler should.
        var most = 0L;
        var id = server.Session(large).SessionId;
        var pushing = new List<Task>();
        while (server.Sessions.Count == 3)
        {
            if (budget.IsSpent)
                await Task.Yield();
            else
                pushing.Add(server.Sessions.PushAsync(1000, new byte[MiB], session => session.SessionId == id).AsTask());
            most = Math.Max(most, budget.Used);
        }

        Assert.InRange(most, Limit / 2, Limit + (Limit / 10));
        await Task.WhenAll(pushing).WaitAsync(Until.Patience);
        Assert.Equal(2, server.Sessions.Count);
        Assert.Equal("[1,1000,1]", await quick.CallAsync("[1,1000,1]"));
        await using var back = await server.ReconnectAsync(small);
    }

    private static async Task LoseAsync(WireServer server, Issued issued)
    {
        var client = await server.OpenAsync(issued);
        client.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.EndsWith("b:waits", StringComparison.Ordinal));
    }

    /// <returns>How many messages wait in its outbox.</returns>
    private static async Task<int> LoseAndFillAsync(WireServer server, Issued issued)
    {
        await LoseAsync(server, issued);
        var kept = 0;
        for (; !server.Session(issued).Outbox.IsFull; kept++)
            await server.Session(issued).CreateView().PushAsync(1000, new byte[MiB / 2]);
        return kept;
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

    private static async Task<WireClient> OpenOnceThereIsRoomAsync(WireServer server, Issued issued)
    {
        WireClient? client = null;
        await Until.TrueAsync(async () =>
        {
            if (client is not null)
                await client.DisposeAsync();
            client = await WireClient.AskAsync(server.Port, issued.Path);
            return client.Status != 503;
        });
        Assert.Equal(101, client!.Status);
        return client;
    }
}
