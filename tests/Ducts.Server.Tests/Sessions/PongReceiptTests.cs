using Ducts.Connections;
using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

/// <summary>How clients of version 1 confirm what they have received, and what comes of it when they do not.</summary>
public sealed class PongReceiptTests(RedisFixture redis) : ReconnectingTests(redis)
{
    [Fact]
    public async Task A_ping_with_the_number_of_the_message_before_it_goes_along()
    {
        await OpenAsync();
        Assert.Equal("[1,1000,1]", await Client.CallAsync("[1,1000,1]"));
        Assert.Equal(1, await Client.ConfirmAsync());
        await Until.TrueAsync(() => Session.Outbox.Unconfirmed == 0);
        // One that follows at once is asked for a little later, by itself.
        Assert.Equal("[2,1000,2]", await Client.CallAsync("[2,1000,2]"));
        Assert.Equal(2, await Client.ConfirmAsync());
        await Until.TrueAsync(() => Session.Outbox.Unconfirmed == 0);
    }

    [Fact]
    public async Task After_64_KiB_theClient_is_asked_whatever_it_has_not_answered()
    {
        await OpenAsync();
        await Client.SendAsync("[1,1008,[30,16000]]");
        var (pings, bytes) = (new List<long>(), 0);
        for (var messages = 0; messages < 31;)
        {
            var frame = await Client.ReadFrameAsync();
            if (frame!.Opcode == Opcode.Ping)
            {
                pings.Add(System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(frame.Payload));
                continue;
            }

            messages++;
            bytes += frame.Payload.Length;
        }

        Assert.InRange(pings.Count, 4, (bytes / ReceiptPings.Bytes) + 1);
        Assert.Equal(pings.Order(), pings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Divided_replies_and_a_full_inbox_do_not_wait_for_each_other(bool isSmall)
    {
        var (count, size) = isSmall ? (40, 20_500) : (60, 530_000);
        await OpenAsync(options =>
        {
            if (!isSmall)
                return;
            Limit(options, outbox: 50_000, divided: 20_000);
            options.WebSocketServer.InboxLimit = 30_000;
        });
        var text = new string('x', size);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
                await Client.SendAsync($"[{i},1000,\"{text}\"]");
        });
        for (var ends = 0; ends < count;)
        {
            var (opcode, message) = await Client.ReceiveBytesAsync();
            Assert.Equal(Opcode.Binary, opcode);
            if (message is [_, _, 5, ..])
                ends++;
        }

        await sending;
    }

    [Fact]
    public async Task Requests_beyond_inbox_limit_and_replies_beyond_outbox_limit_do_not_wait_for_each_other()
    {
        await OpenAsync(static options =>
        {
            Limit(options, outbox: 50_000, divided: 20_000);
            options.WebSocketServer.InboxLimit = 20_000;
        });
        Client.AnswersPings = false;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 400; i++)
                await Client.SendAsync($"[{i},1000,\"{new string('x', 1000)}\"]");
        });
        // It reads all and answers no ping: what is not confirmed holds up requests only until they are too many to read the pongs.
        for (var i = 0; i < 400; i++)
            await Client.ReceiveBytesAsync();
        await sending;
        Assert.InRange(Session.Outbox.Unconfirmed, 0, 200_000);
    }

    [Fact]
    public async Task AClient_over_the_limit_that_confirms_nothing_is_cut_and_ended_the_second_time()
    {
        await OpenAsync(static options =>
        {
            Limit(options, outbox: 50_000, divided: 20_000);
            options.WebSocketServer.ReceiptTimeout = TimeSpan.FromSeconds(0.3);
        });
        var session = Session;
        Client.AnswersPings = false;
        await Client.SendAsync($"[1,1016,[{string.Join(',', Enumerable.Repeat(1000, 1000))}]]");
        while (await Client.ReceiveAsync() is var message && message != "end")
        {
        }

        Assert.False(session.IsOver);
        Client = await Server.ReconnectAsync(Issued);
        Client.AnswersPings = false;
        string last;
        do
        {
            last = await Client.ReceiveAsync();
        }
        while (last[0] == '[');
        Assert.Equal("close 4002 no receipts", last);
        await session.Ended.WaitAsync(Until.Patience);
    }

    [Fact]
    public async Task Pongs_that_nobody_has_asked_for_confirm_nothing()
    {
        await OpenAsync();
        Assert.Equal("[1,1000,1]", await Client.CallAsync("[1,1000,1]"));
        await Client.PongAsync(7);
        await Client.PongAsync(-1);
        await Client.SendFrameAsync(Opcode.Pong, new byte[] { 1 });
        Client.AnswersPings = false;
        Assert.Equal("[2,1000,2]", await Client.CallAsync("[2,1000,2]"));
        Assert.Equal(0, Session.Outbox.Confirmed);
        await ReconnectAsync();
        Assert.Equal(["[1,1000,1]", "[2,1000,2]"], await Client.ReceiveAsync(2));
    }
}
