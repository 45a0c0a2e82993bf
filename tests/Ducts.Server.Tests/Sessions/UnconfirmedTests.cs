using Ducts.Connections;
using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

/// <summary>What a session keeps until its client confirms it.</summary>
public sealed class UnconfirmedTests(RedisFixture redis) : ResumingTests(redis)
{
    [Fact]
    public async Task Nothing_is_kept_once_it_is_confirmed()
    {
        var client = await OpenAsync();
        var session = Server.Session(Issued);
        await client.SendAsync("[1,1009,[10,40000,700000,3,20]]");
        await client.SendAsync("[2,1001,300]");
        for (var ends = 0; ends < 2;)
        {
            if ((await client.Wire.ReceiveBytesAsync()).Bytes is [0x93, 1 or 2, 3, ..])
                ends++;
        }

        Assert.True(session.Outbox.Unconfirmed > 40000);
        await client.ConfirmAsync(session.Sent);
        await Until.TrueAsync(() => session.Outbox.Unconfirmed == 0);
    }

    [Fact]
    public async Task A_stream_pauses_at_the_limit_of_what_is_not_confirmed_and_goes_on_with_a_receipt()
    {
        var client = await OpenAsync(static options => Limit(options, outbox: 100_000, divided: 50_000));
        await client.SendAsync("[1,1008,[1000,1000]]");
        var received = 0;
        var session = Server.Session(Issued);
        // All that comes is read, and nothing of it confirmed.
        while (!session.Outbox.IsOverLimit || received < Server.Events.Produced)
        {
            await client.ReceiveAsync();
            received++;
        }

        Assert.InRange(Server.Events.Produced, 50, 200);
        await client.SendAsync("[2,1000,\"waits\"]");
        var isAnswered = false;
        while (received < 1001 || !isAnswered)
        {
            await client.ConfirmAsync(received + (isAnswered ? 1 : 0));
            var next = await client.ReceiveAsync();
            if (next == "[2,1000,\"waits\"]")
                isAnswered = true;
            else
                received++;
        }
    }

    [Fact]
    public async Task A_divided_reply_that_is_larger_than_the_limit_comes_to_its_end()
    {
        var client = await OpenAsync(static options => Limit(options, outbox: 100_000, divided: 20_000));
        var life = client.Life;
        await client.SendAsync("[1,1005,1000000]");
        await client.SendAsync("[2,1005,900000]");
        var (received, whole, attempt) = (0L, new Dictionary<int, MemoryStream> { [1] = new(), [2] = new() }, 1L);
        for (var ends = 0; ends < 2;)
        {
            var (opcode, message) = await client.Wire.ReceiveBytesAsync();
            Assert.Equal(Opcode.Binary, opcode);
            if (message[1] == 0xc0)
                continue;
            received++;
            if (message[2] == 5)
                ends++;
            else
                whole[message[1]].Write(message.AsSpan(message[3] == 0xc5 ? 6 : message[3] == 0xc4 ? 5 : 8));
            if (received % 7 == 0)
            {
                client.Reset();
                client = await ResumeAsync(received, life, ++attempt);
            }
            else
            {
                await client.ConfirmAsync(received);
            }
        }

        // A reply of bytes: head, id, event, and a bin of 32 bits.
        Assert.Equal([1_000_000 + 10, 900_000 + 10], whole.Values.Select(static bytes => (int)bytes.Length));
    }

    [Fact]
    public async Task A_client_that_confirms_nothing_is_cut_and_then_loses_its_session()
    {
        var client = await OpenImpatientAsync();
        await ReadToEndAsync(client.Wire);
        var next = await ResumeAsync(0, client.Life, 2);
        Assert.Equal("close 4002 no receipts", await ReadToEndAsync(next.Wire));
        await UntilEndedAsync();
    }

    [Fact]
    public async Task Receipts_between_two_cuts_keep_the_session()
    {
        var client = await OpenImpatientAsync();
        for (var attempt = 2; attempt < 5; attempt++)
        {
            Assert.Equal("end", await ReadToEndAsync(client.Wire));
            client = await ResumeAsync(attempt, client.Life, attempt);
        }

        Assert.Equal(1, Server.Registry.Count);
    }

    /// <summary>Opens a session that sends more than it may, and whose server soon waits for receipts in vain.</summary>
    private async Task<ResumingClient> OpenImpatientAsync()
    {
        var client = await OpenAsync(static options =>
        {
            Limit(options, outbox: 50_000, divided: 20_000);
            options.WebSocketServer.ReceiptTimeout = TimeSpan.FromSeconds(0.3);
        });
        await client.SendAsync("[1,1008,[1000,1000]]");
        return client;
    }

    private static void Limit(DuctsOptions options, int outbox, int divided)
    {
        options.WebSocketServer.OutboxLimit = outbox;
        options.WebSocketServer.DivideThreshold = divided;
    }

    /// <summary>How a connection ends, as <see cref="WireClient.ReceiveAsync()"/> says it.</summary>
    private static async Task<string> ReadToEndAsync(WireClient wire)
    {
        while (true)
        {
            var message = await wire.ReceiveAsync();
            if (!message.StartsWith('['))
                return message;
        }
    }
}
