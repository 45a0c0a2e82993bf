using Ducts.Connections;
using Ducts.Protocol;
using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

public sealed class ResumptionTests(RedisFixture redis)
{
    [Fact]
    public async Task A_hello_opens_a_session_and_calls_are_answered()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.ResumeAsync(await server.IssueAsync());
        Assert.Equal((0L, false), (client.Received, client.IsLost));
        Assert.NotEmpty(client.Life);
        await client.SendAsync("[1,1000,\"a\"]");
        Assert.Equal("[1,1000,\"a\"]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task Both_addresses_mean_the_same()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var wire = await WireClient.OpenAsync(server.Port, issued.ReconnectPath + "?v=2");
        await wire.SendAsync(ResumingClient.HelloOf(issued));
        Assert.StartsWith("[null,8,{\"received\":0,", await wire.ReceiveAsync(), StringComparison.Ordinal);
        await using var next = await server.ResumeAsync(issued, attempt: 2);
        Assert.False(next.IsLost);
        Assert.Equal("close 4001 replaced", await wire.ReceiveAsync());
    }

    [Fact]
    public async Task A_client_that_writes_JSON_is_answered_in_JSON()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var wire = await WireClient.OpenAsync(server.Port, issued.Path + "?v=2");
        await wire.SendTextAsync("""{"request_id":null,"event_id":13,"data":{"key":"KEY","received":0,"attempt":1}}""".Replace("KEY", issued.Key, StringComparison.Ordinal));
        Assert.StartsWith("""text {"request_id":null,"event_id":8,"data":{"received":0,""", await wire.ReceiveAsync(), StringComparison.Ordinal);
        await wire.SendTextAsync("""{"request_id":null,"event_id":9,"data":{"id":"s","credit":1}}""");
        await wire.SendTextAsync("""{"request_id":"s","event_id":1001,"data":3}""");
        Assert.Equal("""text {"request_id":"s","event_id":1,"data":{"request_id":"s","event_id":1001,"data":1}}""", await wire.ReceiveAsync());
        await wire.SendTextAsync("""{"request_id":"e","event_id":1000,"data":null}""");
        Assert.Equal("""text {"request_id":"e","event_id":1000,"data":null}""", await wire.ReceiveAsync());
        await wire.SendTextAsync("""{"request_id":null,"event_id":9,"data":{"id":"s","credit":9}}""");
        Assert.Equal("""text {"request_id":"s","event_id":2,"data":{"request_id":"s","event_id":1001,"data":2}}""", await wire.ReceiveAsync());
    }

    [Theory]
    [InlineData("[1,1000,1]")]
    [InlineData("[null,13,null]")]
    [InlineData("[null,13,{}]")]
    [InlineData("[null,13,{\"key\":\"KEY\",\"received\":-1,\"attempt\":1}]")]
    [InlineData("[null,13,{\"key\":\"KEY\",\"received\":0.5,\"attempt\":1}]")]
    [InlineData("[null,13,{\"key\":\"KEY\",\"received\":0,\"attempt\":0}]")]
    [InlineData("[null,13,{\"key\":\"KEY\",\"received\":0}]")]
    [InlineData("[null,13,{\"key\":7,\"received\":0,\"attempt\":1}]")]
    [InlineData("[null,13,{\"key\":\"KEY\",\"received\":0,\"attempt\":1,\"life\":\"LONG\"}]")]
    [InlineData("{\"a\":1}")]
    public async Task What_is_no_hello_is_closed_and_opens_nothing(string message)
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        var said = message.Replace("KEY", issued.Key, StringComparison.Ordinal).Replace("LONG", new string('l', 65), StringComparison.Ordinal);
        await using var client = await ResumingClient.AskAsync(server.Port, issued, said);
        Assert.Equal("close 1002 the first message is not HELLO", client.First);
        Assert.Equal(0, server.Registry.Count);
        await using var next = await server.ResumeAsync(issued);
        Assert.Equal(0, next.Received);
    }

    [Fact]
    public async Task Names_of_hello_come_in_any_order_and_others_are_ignored()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await ResumingClient.AskAsync(server.Port, issued, """[null,13,{"x":[1,{"y":2}],"attempt":1.0,"life":null,"received":0,"key":"KEY"}]""".Replace("KEY", issued.Key, StringComparison.Ordinal));
        Assert.StartsWith("[null,8,", client.First, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_closed()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.HelloTimeout = TimeSpan.FromSeconds(0.1));
        var issued = await server.IssueAsync();
        await using var wire = await WireClient.OpenAsync(server.Port, issued.Path + "?v=2");
        Assert.Equal("close 1002 the first message is not HELLO", await wire.ReceiveAsync());
    }

    [Fact]
    public async Task A_first_message_that_is_large_is_closed()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await ResumingClient.AskAsync(server.Port, issued, $"[null,13,\"{new string('x', 5000)}\"]");
        Assert.Equal("close 1002 the first message is not HELLO", client.First);
    }

    [Fact]
    public async Task A_wrong_key_gets_4005_and_touches_nothing()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        var wrong = issued with { Key = Convert.ToBase64String(new byte[32]) };
        await using var stranger = await ResumingClient.AskAsync(server.Port, wrong, ResumingClient.HelloOf(wrong, attempt: 9));
        Assert.Equal("close 4005 there is no such session", stranger.First);
        await client.SendAsync("[1,1000,\"a\"]");
        Assert.Equal("[1,1000,\"a\"]", await client.ReceiveAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_address_alone_neither_opens_nor_ends_a_session_that_has_its_key(bool reconnects)
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await using var old = await WireClient.AskAsync(server.Port, reconnects ? issued.ReconnectPath : issued.Path);
        Assert.Equal(403, old.Status);
        await client.SendAsync("[1,1000,\"a\"]");
        Assert.Equal("[1,1000,\"a\"]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_session_that_was_opened_without_its_key_refuses_hello()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var old = await server.OpenAsync(issued);
        await using var client = await ResumingClient.AskAsync(server.Port, issued, ResumingClient.HelloOf(issued));
        Assert.Equal("close 4005 there is no such session", client.First);
        Assert.Equal("[1,1000,\"a\"]", await old.CallAsync("[1,1000,\"a\"]"));
    }

    [Fact]
    public async Task What_was_not_received_comes_again_as_it_was()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        var client = await server.ResumeAsync(issued);
        for (var i = 1; i <= 5; i++)
            await client.SendAsync($"[{i},1000,\"{i}\"]");
        var sent = await client.ReceiveAsync(5);
        client.Reset();
        await using var next = await server.ResumeAsync(issued, received: 2, client.Life, attempt: 2);
        Assert.Equal((5L, false, client.Life), (next.Received, next.IsLost, next.Life));
        Assert.Equal(sent[2..], await next.ReceiveAsync(3));
        await next.SendAsync("[6,1000,\"6\"]");
        Assert.Equal("[6,1000,\"6\"]", await next.ReceiveAsync());
    }

    [Fact]
    public async Task What_was_received_and_not_confirmed_comes_again_many_times_over()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        var client = await server.ResumeAsync(issued);
        var life = client.Life;
        await client.SendAsync("[1,1009,[10,40000,70000,3,20]]");
        var sent = await client.ReceiveAsync(6);
        for (var attempt = 2; attempt < 15; attempt++)
        {
            client.Reset();
            // Twice each: from the beginning of what is kept, and from within it.
            var received = (attempt - 2) / 2;
            client = await server.ResumeAsync(issued, received, life, attempt);
            Assert.Equal(sent[received..], await client.ReceiveAsync(6 - received));
        }

        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_lost_welcome_resumes_the_session_that_lives()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        var client = await server.ResumeAsync(issued);
        client.Reset();
        await using var next = await server.ResumeAsync(issued, attempt: 2);
        Assert.Equal((0L, false, client.Life), (next.Received, next.IsLost, next.Life));
    }

    [Fact]
    public async Task An_older_attempt_is_refused_and_the_session_goes_on()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued, attempt: 3);
        foreach (var attempt in (long[])[1, 2, 3])
        {
            await using var late = await ResumingClient.AskAsync(server.Port, issued, ResumingClient.HelloOf(issued, 0, client.Life, attempt));
            Assert.Equal("close 4004 a later attempt has come", late.First);
        }

        await client.SendAsync("[1,1000,\"a\"]");
        Assert.Equal("[1,1000,\"a\"]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task Another_life_begins_anew_and_says_so()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued, received: 17, life: "of a process that died", attempt: 4);
        Assert.Equal((0L, true), (client.Received, client.IsLost));
        // Its WELCOME may have been lost.
        await using var again = await server.ResumeAsync(issued, received: 17, life: "of a process that died", attempt: 5);
        Assert.Equal((0L, true, client.Life), (again.Received, again.IsLost, again.Life));
    }

    [Fact]
    public async Task Numbers_above_what_was_sent_end_the_session()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await using var next = await ResumingClient.AskAsync(server.Port, issued, ResumingClient.HelloOf(issued, 1, client.Life, 2));
        Assert.Equal("close 4002 received more than was sent", next.First);
        await Until.TrueAsync(() => server.Registry.Count == 0);
        await using var late = await ResumingClient.AskAsync(server.Port, issued, ResumingClient.HelloOf(issued, 0, client.Life, 3));
        Assert.Equal("close 4005 there is no such session", late.First);
    }

    [Fact]
    public async Task A_receipt_above_what_was_sent_ends_the_session()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.ResumeAsync(await server.IssueAsync());
        await client.ConfirmAsync(1);
        Assert.Equal("close 4002 received more than was sent", await client.ReceiveAsync());
        await Until.TrueAsync(() => server.Registry.Count == 0);
    }

    [Fact]
    public async Task A_gap_is_named()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await client.SendAsync("[1,1001,9]");
        await client.ReceiveAsync(10);
        await client.ConfirmAsync(7);
        await client.SendAsync("[2,1000,0]");
        await client.ReceiveAsync();
        await using var next = await ResumingClient.AskAsync(server.Port, issued, ResumingClient.HelloOf(issued, 3, client.Life, 2));
        Assert.Equal("close 4003 gap 4-7", next.First);
        await Until.TrueAsync(() => server.Registry.Count == 0);
    }

    [Theory]
    [InlineData("[null,7,\"x\"]")]
    [InlineData("[null,7,-1]")]
    [InlineData("[null,7,null]")]
    [InlineData("[null,13,null]")]
    public async Task Wrong_messages_without_a_number_are_ignored(string message)
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await client.SendAsync(message);
        await client.SendAsync("[1,1000,\"a\"]");
        Assert.Equal("[1,1000,\"a\"]", await client.ReceiveAsync());
        await using var next = await server.ResumeAsync(issued, 1, client.Life, 2);
        Assert.Equal(1, next.Received);
    }

    [Fact]
    public async Task All_messages_but_receipts_count()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await client.SendAsync("[1,1000,0]");
        await client.ReceiveAsync();
        await client.ConfirmAsync(1);
        await client.SendAsync("[2,6,77]");
        await client.SendAsync("[null,9,{\"id\":5,\"credit\":1}]");
        await client.SendAsync("[null,9,0]");
        await client.SendAsync("[null,1000,1]");
        await client.Wire.SendBinaryAsync(new byte[] { 0xc1 });
        await client.SendAsync("[3,1000,0]");
        await Until.TrueAsync(async () => (await client.ReceiveAsync()).StartsWith("[3,", StringComparison.Ordinal));
        await using var next = await server.ResumeAsync(issued, 1, client.Life, 2);
        Assert.Equal(7, next.Received);
    }

    [Fact]
    public async Task A_message_that_is_too_large_counts_and_is_named_on_the_next_connection()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.MaxMessageSize = 1000);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await client.SendAsync("[1,1000,0]");
        await client.ReceiveAsync();
        await client.SendAsync($"[2,1000,\"{new string('x', 2000)}\"]");
        Assert.Equal("close 1009 message over 1000 bytes", await client.ReceiveAsync());
        await using var next = await server.ResumeAsync(issued, 1, client.Life, 2);
        Assert.Equal(2, next.Received);
        Assert.Equal("[null,99,{\"number\":2,\"code\":1009}]", await next.ReceiveAsync());
    }

    [Fact]
    public async Task Text_that_is_none_counts_and_is_named_on_the_next_connection()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await client.Wire.SendFrameAsync(Opcode.Text, new byte[] { 0xff });
        Assert.StartsWith("close 1007", await client.ReceiveAsync(), StringComparison.Ordinal);
        await using var next = await server.ResumeAsync(issued, 0, client.Life, 2);
        Assert.Equal(1, next.Received);
        Assert.Equal("[null,99,{\"number\":1,\"code\":1007}]", await next.ReceiveAsync());
    }

    [Fact]
    public async Task What_an_old_connection_still_delivers_neither_counts_nor_runs()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        var frame = WireClient.FrameBytes(Opcode.Binary, Packed.From("[1,1006,\"late\"]"));
        await client.Wire.SendRawAsync(frame.AsMemory(0, frame.Length - 1));
        await using var next = await server.ResumeAsync(issued, 0, client.Life, 2);
        await client.Wire.SendRawAsync(frame.AsMemory(frame.Length - 1));
        Assert.Equal("close 4001 replaced", await client.ReceiveAsync());
        await next.SendAsync("[1,1006,\"again\"]");
        await next.SendAsync("[2,1000,0]");
        Assert.Equal("[2,1000,0]", await next.ReceiveAsync());
        Assert.Equal(1, server.Events.Held);
        server.Events.Release.TrySetResult();
        Assert.Equal("[1,1006,\"again\"]", await next.ReceiveAsync());
    }

    [Fact]
    public async Task Requests_of_two_connections_are_handled_in_their_order()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        // Keeps its thread for a while: whoever takes over meanwhile comes behind it.
        await client.SendAsync("[1,1007,\"first\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        await using var next = await server.ResumeAsync(issued, 0, client.Life, 2);
        Assert.Equal(1, next.Received);
        await next.SendAsync("[2,6,1]");
        Assert.StartsWith("[2,6,", await next.ReceiveAsync(), StringComparison.Ordinal);
        server.Events.Release.TrySetResult();
        Assert.Equal("[1,1007,\"first\"]", await next.ReceiveAsync());
    }

    [Fact]
    public async Task A_close_leaves_the_session_waiting()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await client.SendAsync("[1,1006,\"kept\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        await client.Wire.SendFrameAsync(Opcode.Close, new byte[] { 0x03, 0xe9 });
        Assert.Equal("close 1000", await client.ReceiveAsync());
        server.Events.Release.TrySetResult();
        await using var next = await server.ResumeAsync(issued, 0, client.Life, 2);
        Assert.Equal("[1,1006,\"kept\"]", await next.ReceiveAsync());
    }

    [Fact]
    public async Task End_is_answered_and_ends_the_session_for_good()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.MaxInflight = 1);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await client.SendAsync("[1,1006,\"runs\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        await client.SendAsync("[2,1006,\"waits\"]");
        await client.SendAsync("[3,12,null]");
        Assert.Equal("[3,12,true]", await client.ReceiveAsync());
        Assert.Equal("close 1000 ended", await client.ReceiveAsync());
        await Until.TrueAsync(() => server.Events.Cancelled == 1 && server.Registry.Count == 0);
        Assert.Equal(1, server.Events.Held);
        await using var next = await ResumingClient.AskAsync(server.Port, issued, ResumingClient.HelloOf(issued, 0, client.Life, 2));
        Assert.Equal("close 4005 there is no such session", next.First);
    }

    [Fact]
    public async Task End_is_no_event_of_a_session_of_version_1()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        Assert.Equal("[1,-12,\"KeyError('no event 12')\"]", await client.CallAsync("[1,12,null]"));
        Assert.Equal("[2,1000,0]", await client.CallAsync("[2,1000,0]"));
    }

    [Fact]
    public async Task The_server_confirms_what_has_left_its_inbox()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.ResumeAsync(await server.IssueAsync());
        for (var i = 1; i <= 130; i++)
            await client.SendAsync($"[{i},1011,null]");
        var receipts = new List<string>();
        for (var replies = 0; replies < 130 || receipts.Count == 0;)
        {
            var message = await client.Wire.ReceiveAsync();
            if (message.StartsWith("[null,7,", StringComparison.Ordinal))
                receipts.Add(message);
            else
                replies++;
        }

        Assert.All(receipts, receipt => Assert.InRange(long.Parse(receipt[8..^1]), 64, 130));
    }

    [Fact]
    public async Task Large_messages_are_confirmed_by_their_bytes()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.ResumeAsync(await server.IssueAsync());
        for (var i = 1; i <= 3; i++)
            await client.SendAsync($"[{i},1011,\"{new string('x', 100_000)}\"]");
        await Until.TrueAsync(async () => await client.Wire.ReceiveAsync() == "[null,7,3]");
    }

    [Fact]
    public async Task What_waits_in_the_inbox_is_not_confirmed()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.MaxInflight = 1);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await client.SendAsync("[1,1006,\"runs\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        for (var i = 2; i <= 200; i++)
            await client.SendAsync($"[{i},1011,null]");
        await client.SendAsync("[\"c\",6,777]");
        Assert.Equal("[\"c\",6,false]", await client.Wire.ReceiveAsync());
        await using var next = await server.ResumeAsync(issued, 1, client.Life, 2);
        Assert.Equal(201, next.Received);
        // Of these, one has been handed to its handler.
        Assert.Equal("[null,7,1]", await next.Wire.ReceiveAsync());
        server.Events.Release.TrySetResult();
        Assert.Equal("[1,1006,\"runs\"]", await next.ReceiveAsync());
        Assert.Equal("[2,1011,null]", await next.ReceiveAsync());
    }

    [Fact]
    public async Task A_client_that_sends_more_than_may_wait_ends_its_session()
    {
        await using var server = await WireServer.StartAsync(redis, static options =>
        {
            options.WebSocketServer.MaxInflight = 1;
            options.WebSocketServer.InboxLimit = 10_000;
        });
        await using var client = await server.ResumeAsync(await server.IssueAsync());
        await client.SendAsync("[1,1006,\"runs\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        // The fourth of them begins below the limit and ends above it, which is allowed once.
        for (var i = 2; i < 6; i++)
            await client.SendAsync($"[{i},1000,\"{new string('x', 3000)}\"]");
        await client.SendAsync("[\"c\",6,777]");
        Assert.Equal("[\"c\",6,false]", await client.ReceiveAsync());
        await client.SendAsync("[6,1000,null]");
        Assert.Equal("close 4002 more than inbox_limit waits", await client.ReceiveAsync());
        await Until.TrueAsync(() => server.Registry.Count == 0);
    }

    [Fact]
    public async Task A_stream_pauses_at_the_limit_of_what_is_not_confirmed_and_goes_on_with_a_receipt()
    {
        await using var server = await WireServer.StartAsync(redis, static options =>
        {
            options.WebSocketServer.OutboxLimit = 100_000;
            options.WebSocketServer.DivideThreshold = 50_000;
        });
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await client.SendAsync("[1,1008,[1000,1000]]");
        var received = 0;
        var session = server.Session(issued);
        // All that comes is read, and nothing of it confirmed.
        while (!session.Outbox.IsOverLimit || received < server.Events.Produced)
        {
            await client.ReceiveAsync();
            received++;
        }

        Assert.InRange(server.Events.Produced, 50, 200);
        await client.SendAsync("[2,1000,\"waits\"]");
        while (received < 1001)
        {
            await client.ConfirmAsync(received);
            var next = await client.ReceiveAsync();
            if (next == "[2,1000,\"waits\"]")
                continue;
            received++;
        }
    }

    [Fact]
    public async Task A_divided_reply_that_is_larger_than_the_limit_comes_to_its_end()
    {
        await using var server = await WireServer.StartAsync(redis, static options =>
        {
            options.WebSocketServer.OutboxLimit = 100_000;
            options.WebSocketServer.DivideThreshold = 20_000;
        });
        var issued = await server.IssueAsync();
        var client = await server.ResumeAsync(issued);
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
                client = await server.ResumeAsync(issued, received, life, ++attempt);
            }
            else
            {
                await client.ConfirmAsync(received);
            }
        }

        // A reply of bytes: head, id, event, and a bin of 32 bits.
        Assert.Equal([1_000_000 + 10, 900_000 + 10], whole.Values.Select(static bytes => (int)bytes.Length));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_client_that_confirms_nothing_is_cut_and_then_loses_its_session()
    {
        await using var server = await WireServer.StartAsync(redis, static options =>
        {
            options.WebSocketServer.OutboxLimit = 50_000;
            options.WebSocketServer.DivideThreshold = 20_000;
            options.WebSocketServer.ReceiptTimeout = TimeSpan.FromSeconds(0.3);
        });
        var issued = await server.IssueAsync();
        var client = await server.ResumeAsync(issued);
        await client.SendAsync("[1,1008,[1000,1000]]");
        await ReadToEndAsync(client.Wire);
        await using var next = await server.ResumeAsync(issued, 0, client.Life, 2);
        var ends = await ReadToEndAsync(next.Wire);
        Assert.Equal("close 4002 no receipts", ends);
        await Until.TrueAsync(() => server.Registry.Count == 0);
    }

    [Fact]
    public async Task Receipts_between_two_cuts_keep_the_session()
    {
        await using var server = await WireServer.StartAsync(redis, static options =>
        {
            options.WebSocketServer.OutboxLimit = 50_000;
            options.WebSocketServer.DivideThreshold = 20_000;
            options.WebSocketServer.ReceiptTimeout = TimeSpan.FromSeconds(0.3);
        });
        var issued = await server.IssueAsync();
        var client = await server.ResumeAsync(issued);
        await client.SendAsync("[1,1008,[1000,1000]]");
        for (var attempt = 2; attempt < 5; attempt++)
        {
            Assert.Equal("end", await ReadToEndAsync(client.Wire));
            client = await server.ResumeAsync(issued, attempt, client.Life, attempt);
        }

        Assert.Equal(1, server.Registry.Count);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_window_lets_so_many_items_go_and_holds_up_nobody_else()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await client.SendAsync("[null,9,{\"id\":1,\"credit\":3}]");
        await client.SendAsync("[1,1008,[10,1]]");
        Assert.Equal(["[1,1,[1,1008,\"AA==\"]]", "[1,2,[1,1008,\"AA==\"]]", "[1,2,[1,1008,\"AA==\"]]"], await client.ReceiveAsync(3));
        await client.SendAsync("[2,1001,2]");
        Assert.Equal(["[2,1,[2,1001,1]]", "[2,2,[2,1001,2]]", "[2,3,[2,1001,null]]"], await client.ReceiveAsync(3));
        Assert.Equal(3, server.Events.Produced);
        // Over another connection, too.
        await using var next = await server.ResumeAsync(issued, 6, client.Life, 2);
        await next.SendAsync("[null,9,{\"id\":1,\"credit\":1}]");
        await next.ReceiveAsync();
        await next.SendAsync("[3,1000,0]");
        Assert.Equal("[3,1000,0]", await next.ReceiveAsync());
        Assert.Equal(4, server.Events.Produced);
        await next.SendAsync("[null,9,{\"id\":1,\"credit\":2147483647}]");
        Assert.Equal("[1,3,[1,1008,null]]", (await next.ReceiveAsync(7))[6]);
    }

    [Fact]
    public async Task Credit_for_another_request_is_dropped_and_a_stream_without_has_no_window()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.ResumeAsync(await server.IssueAsync());
        await client.SendAsync("[null,9,{\"id\":5,\"credit\":1}]");
        await client.SendAsync("[1,1001,4]");
        await client.ReceiveAsync(5);
        await client.SendAsync("[5,1001,4]");
        Assert.Equal("[5,3,[5,1001,null]]", (await client.ReceiveAsync(5))[4]);
    }

    [Fact]
    public async Task Credit_adds_to_a_stream_that_still_waits_for_its_turn()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.MaxInflight = 1);
        await using var client = await server.ResumeAsync(await server.IssueAsync());
        await client.SendAsync("[1,1006,\"runs\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        await client.SendAsync("[null,9,{\"id\":2,\"credit\":1}]");
        await client.SendAsync("[2,1008,[10,1]]");
        await client.SendAsync("[null,9,{\"id\":2,\"credit\":2}]");
        await client.SendAsync("[\"c\",6,77]");
        await client.ReceiveAsync();
        server.Events.Release.TrySetResult();
        await client.ReceiveAsync(4);
        await client.SendAsync("[3,1000,0]");
        Assert.Equal("[3,1000,0]", await client.ReceiveAsync());
        Assert.Equal(3, server.Events.Produced);
    }

    [Fact]
    public async Task A_stream_that_waits_for_credit_can_be_cancelled()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.ResumeAsync(await server.IssueAsync());
        await client.SendAsync("[null,9,{\"id\":1,\"credit\":1}]");
        await client.SendAsync("[1,1008,[10,1]]");
        await client.ReceiveAsync();
        await client.SendAsync("[2,6,1]");
        var answers = await client.ReceiveAsync(2);
        Assert.Equal(["[1,3,[1,1008,null]]", "[2,6,true]"], answers.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Alive_monitoring_goes_on_over_connections_without_numbers()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Event.AliveMonitoringInterval = TimeSpan.FromSeconds(0.05));
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await client.SendAsync("[0,0,null]");
        await client.ReceiveAsync(3);
        await using var next = await server.ResumeAsync(issued, 0, client.Life, 2);
        Assert.StartsWith("[0,0,", await next.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal(0, server.Session(issued).Sent);
    }

    [Fact]
    public async Task Nothing_is_kept_once_it_is_confirmed()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        var session = server.Session(issued);
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
    public async Task A_handler_that_refuses_the_session_closes_with_1008()
    {
        var script = new HookScript { Connected = static (_, _) => throw new EventException(ErrorNames.Permission, "not you") };
        await using var server = await script.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await ResumingClient.AskAsync(server.Port, issued, ResumingClient.HelloOf(issued));
        Assert.Equal("close 1008 refused", client.First);
        await Until.TrueAsync(() => server.Registry.Count == 0);
    }

    [Fact]
    public async Task A_server_that_stops_says_so_by_a_close_code()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await server.StopAsync();
        Assert.StartsWith("close 1001", await client.ReceiveAsync(), StringComparison.Ordinal);
    }

    private static async Task<string> ReadToEndAsync(WireClient wire)
    {
        while (true)
        {
            var (opcode, bytes) = await wire.ReceiveBytesAsync();
            if (opcode == Opcode.Continuation)
                return "end";
            if (opcode == Opcode.Close)
                return $"close {(bytes[0] << 8) | bytes[1]} {System.Text.Encoding.UTF8.GetString(bytes.AsSpan(2))}";
        }
    }
}
