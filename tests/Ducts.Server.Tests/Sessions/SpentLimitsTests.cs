using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

/// <summary>
/// A session all of whose limits are spent: 1,100 streams have no credit, a reader has stopped in a reply of 5 MiB, requests of
/// <c>inbox_limit</c> wait. What steers them acts, and each wait has an end.
/// </summary>
public sealed class SpentLimitsTests(RedisFixture redis) : ResumingTests(redis)
{
    private const int Streams = 1100;
    private const int ItemSize = 4000;
    private const int ReceiveBuffer = 16 * 1024;
    private const int ItemsOfStream = 3;
    private const int LargeReply = 5 * 1024 * 1024;
    private const int OutboxLimit = 256 * 1024;
    private const int InboxLimit = 64 * 1024;
    private const int WaitingSize = 3000;
    private const int HeldId = Streams + 1;
    private const int LargeId = Streams + 2;
    private const int FirstWaitingId = Streams + 3;

    // One CREDIT and one request for each stream come before.
    private static readonly int Waiting = (InboxLimit / WaitingSize) + 1;
    private static readonly int Sent = (2 * Streams) + 2 + Waiting;

    private int _received;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CREDIT_CANCEL_and_receipts_act_and_all_comes_to_its_end(bool manyHaveAnItemBeyond)
    {
        var client = await SpendAsync();
        var credited = manyHaveAnItemBeyond ? Streams : 1;
        await GiveCreditAsync(client, credited);
        await Until.TrueAsync(() => Server.Events.Produced == Streams + credited);
        await client.SendAsync($"[\"c\",6,{HeldId}]");
        await Until.TrueAsync(() => Server.Events.Cancelled == 1);
        await FinishAsync(client);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task END_acts_though_nothing_is_read(bool manyHaveAnItemBeyond)
    {
        var client = await SpendAsync();
        if (manyHaveAnItemBeyond)
        {
            await GiveCreditAsync(client, Streams);
            await Until.TrueAsync(() => Server.Events.Produced == 2 * Streams);
        }

        await client.SendAsync("[\"e\",12,null]");
        await UntilEndedAsync();
        await Until.TrueAsync(() => Server.Events.Cancelled == 1);
        var last = "";
        while (!last.StartsWith("close", StringComparison.Ordinal) && last != "end")
            last = await client.ReceiveAsync().WaitAsync(Until.Patience);
        Assert.Equal("close 1000 ended", last);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_end_of_the_socket_acts_and_the_next_goes_on(bool isReset)
    {
        var client = await SpendAsync();
        if (isReset)
            client.Reset();
        else
            client.Wire.Finish();
        await Until.TrueAsync(() => Server.Registry.Live.Single() is { CurrentConnection: null });
        var next = await ResumeAsync(_received, client.Life, 2);
        Assert.Equal((Sent, false), (next.Received, next.IsLost));
        await next.SendAsync($"[\"c\",6,{HeldId}]");
        await Until.TrueAsync(() => Server.Events.Cancelled == 1);
        await FinishAsync(next);
    }

    [Fact]
    public async Task A_session_whose_client_confirms_nothing_ends()
    {
        var client = await SpendAsync(static options => options.WebSocketServer.ReceiptTimeout = TimeSpan.FromSeconds(0.5));
        await Until.TrueAsync(() => Server.Registry.Live.Single() is { CurrentConnection: null });
        // Nothing has been confirmed since, so the second time is the last.
        await ResumeAsync(_received, client.Life, 2);
        await UntilEndedAsync();
        await Until.TrueAsync(() => Server.Events.Cancelled == 1);
    }

    private async Task<ResumingClient> SpendAsync(Action<DuctsOptions>? configure = null)
    {
        await StartAsync(options =>
        {
            options.WebSocketServer.MaxStreams = Streams;
            options.WebSocketServer.MaxInflight = Streams + 2;
            options.WebSocketServer.OutboxLimit = OutboxLimit;
            options.WebSocketServer.DivideThreshold = OutboxLimit / 4;
            options.WebSocketServer.InboxLimit = InboxLimit;
            configure?.Invoke(options);
        });
        // Small, so that what is sent waits in the server rather than in the system.
        var client = await ResumeAsync(receiveBuffer: ReceiveBuffer);
        for (var i = 1; i <= Streams; i++)
        {
            await client.SendAsync($"[null,9,{{\"id\":{i},\"credit\":1}}]");
            await client.SendAsync($"[{i},1008,[{ItemsOfStream},{ItemSize}]]");
            Assert.StartsWith($"[{i},1,[{i},1008,", await client.ReceiveAsync(), StringComparison.Ordinal);
            await client.ConfirmAsync(++_received);
        }

        Assert.Equal(Streams, Server.Events.Produced);
        await client.SendAsync($"[{HeldId},1006,\"held\"]");
        await client.SendAsync($"[{LargeId},1005,{LargeReply}]");
        var session = Server.Registry.Live.Single();
        await Until.TrueAsync(() => Server.Events.Held == 1 && session.Outbox.IsOverLimit);
        for (var i = 0; i < Waiting; i++)
            await client.SendAsync($"[{FirstWaitingId + i},1000,\"{new string('x', WaitingSize)}\"]");
        await Until.TrueAsync(() => session.Inbox.WaitingLength >= InboxLimit);
        return client;
    }

    private static async Task GiveCreditAsync(ResumingClient client, int count)
    {
        for (var i = 1; i <= count; i++)
            await client.SendAsync($"[null,9,{{\"id\":{i},\"credit\":1}}]");
    }

    /// <summary>Reads and confirms all there is, and gives what is missing, until nothing runs or waits.</summary>
    private async Task FinishAsync(ResumingClient client)
    {
        var ended = 0;
        var bytes = 0;
        var echoes = new List<int>();
        var items = 0;
        var isCancelled = false;
        var isDone = false;
        while (ended < Streams || !isDone || echoes.Count < Waiting || !isCancelled)
        {
            var message = await ReceiveAsync(() => $"{ended} streams ended, {items} items, {bytes} of the large reply, {echoes.Count} echoes, cancelled: {isCancelled}");
            await client.ConfirmAsync(++_received);
            var end = message.IndexOf(',', StringComparison.Ordinal);
            var id = message[1..end];
            if (id == "\"c\"")
            {
                isCancelled = true;
                // Each generator is asked once more, for its end.
                for (var i = 0; i < ItemsOfStream; i++)
                    await GiveCreditAsync(client, Streams);
            }
            else if (id == $"{LargeId}")
            {
                isDone = message.StartsWith($"[{id},5,", StringComparison.Ordinal);
                bytes += message.Length;
            }
            else if (id == $"{HeldId}")
            {
                Assert.Contains("cancelled", message, StringComparison.Ordinal);
            }
            else if (int.Parse(id) >= FirstWaitingId)
            {
                echoes.Add(int.Parse(id));
            }
            else if (message[(end + 1)..].StartsWith("3,", StringComparison.Ordinal))
            {
                ended++;
            }
            else
            {
                items++;
            }
        }

        Assert.Equal(Enumerable.Range(FirstWaitingId, Waiting), echoes);
        // As text, base64.
        Assert.InRange(bytes, LargeReply * 4L / 3, LargeReply * 3L / 2);
        Assert.Equal(Streams * ItemsOfStream, Server.Events.Produced);
        Assert.Equal(Streams * (ItemsOfStream - 1), items);
        Assert.Equal("[\"last\",1000,0]", await client.CallAsync("[\"last\",1000,0]"));

        // Pings come, so that the client's own patience never ends.
        async Task<string> ReceiveAsync(Func<string> state)
        {
            try
            {
                return await client.ReceiveAsync().WaitAsync(Until.Patience);
            }
            catch (TimeoutException)
            {
                throw new TimeoutException(state());
            }
        }
    }
}
