using Ducts.Connections;
using Ducts.Sessions;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Sessions;

/// <summary>What clients of version 1 are sent again, by kind of message and by what their pongs say.</summary>
public sealed class ResendTests(RedisFixture redis) : IAsyncLifetime
{
    private const string Interrupted = "ConnectionError('interrupted, call again')";

    private WireServer _server = null!;
    private Issued _issued = null!;
    private WireClient _client = null!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_ping_with_the_number_of_the_message_before_it_goes_along()
    {
        await OpenAsync();
        Assert.Equal("[1,1000,1]", await _client.CallAsync("[1,1000,1]"));
        Assert.Equal(1, await _client.ConfirmAsync());
        await Until.TrueAsync(() => Session.Outbox.Unconfirmed == 0);
        // One that follows at once is asked for a little later, by itself.
        Assert.Equal("[2,1000,2]", await _client.CallAsync("[2,1000,2]"));
        Assert.Equal(2, await _client.ConfirmAsync());
        await Until.TrueAsync(() => Session.Outbox.Unconfirmed == 0);
    }

    [Fact]
    public async Task After_64_KiB_the_client_is_asked_whatever_it_has_not_answered()
    {
        await OpenAsync();
        await _client.SendAsync("[1,1008,[30,16000]]");
        var (pings, bytes) = (new List<long>(), 0);
        for (var messages = 0; messages < 31;)
        {
            var frame = await _client.ReadFrameAsync();
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
    [InlineData("[1,1000,7]", "[1,1000,7]")]
    [InlineData("[1,1003,[\"key\"]]", "[1,-1003,\"KeyError('no such group')\"]")]
    [InlineData("[1,1010,[1100,\"hi\"]]", "[null,1100,\"hi\"] [1,1010,null]")]
    [InlineData("[1,1001,2]", "[1,1,[1,1001,1]] [1,2,[1,1001,2]] [1,3,[1,1001,null]]")]
    [InlineData("[1,1004,1]", "[1,1,[1,1004,1]] [1,2,[1,-1004,\"KeyError('the end')\"]] [1,3,[1,-1004,null]]")]
    [InlineData("[1,1001,0]", "[1,1,[1,1001,null]] [1,3,[1,1001,null]]")]
    public async Task Whole_values_come_again_unless_they_are_confirmed(string request, string expected)
    {
        await OpenAsync();
        _client.AnswersPings = false;
        var answer = expected.Split("] [").Length;
        await _client.SendAsync(request);
        Assert.Equal(expected, string.Join(' ', await _client.ReceiveAsync(answer)));
        // The last of them may have come within 100 ms of the first.
        await ReconnectAsync();
        _client.AnswersPings = false;
        Assert.Equal(expected, string.Join(' ', await _client.ReceiveAsync(answer)));
        await _client.ConfirmAllAsync(Session);

        await ReconnectAsync();
        Assert.Equal("[2,1000,\"next\"]", await _client.CallAsync("[2,1000,\"next\"]"));
    }

    [Fact]
    public async Task What_did_not_arrive_comes_with_what_was_made_since()
    {
        await OpenAsync();
        await _client.SendAsync("[1,1006,\"held\"]");
        await _client.SendAsync("[2,1000,2]");
        await Until.TrueAsync(() => _server.Events.Held == 1 && Session.Sent == 1);
        await ResetAsync();
        _server.Events.Release.SetResult();
        await Until.TrueAsync(() => Session.Requests.Count == 0);
        _client = await _server.ReconnectAsync(_issued);
        Assert.Equal("[2,1000,2] [1,1006,\"held\"]", string.Join(' ', await _client.ReceiveAsync(2)));
    }

    [Fact]
    public async Task Text_comes_again_as_text()
    {
        await OpenAsync();
        await _client.SendTextAsync("""{"request_id":"a","event_id":1001,"data":2}""");
        _client.AnswersPings = false;
        var first = await _client.ReceiveAsync(3);
        await ReconnectAsync();
        Assert.Equal(first, await _client.ReceiveAsync(3));
    }

    [Fact]
    public async Task A_stream_of_bytes_that_may_not_have_begun_ends_with_an_error_of_the_call_too()
    {
        await OpenAsync();
        await _client.SendAsync("[1,1009,[10,20]]");
        Assert.StartsWith("[1,1,[1,1009,", await _client.ReceiveAsync(), StringComparison.Ordinal);
        await ReconnectAsync();
        Assert.Equal([$"[1,-1009,\"{Interrupted}\"]", $"[1,2,[1,-1009,\"{Interrupted}\"]]", "[1,3,[1,-1009,null]]"], await _client.ReceiveAsync(3));
        Assert.Equal("[2,1000,2]", await _client.CallAsync("[2,1000,2]"));
    }

    [Fact]
    public async Task A_stream_of_bytes_of_which_the_beginning_is_confirmed_ends_with_an_error()
    {
        await OpenAsync();
        _client.AnswersPings = false;
        await _client.SendAsync("[1,1009,[10,20]]");
        await _client.ReceiveAsync(3);
        await _client.ConfirmAsync(1);
        await Until.TrueAsync(() => Session.Outbox.Confirmed == 1);
        await ReconnectAsync();
        Assert.Equal([$"[1,2,[1,-1009,\"{Interrupted}\"]]", "[1,3,[1,-1009,null]]"], await _client.ReceiveAsync(2));
        Assert.Equal("[2,1000,2]", await _client.CallAsync("[2,1000,2]"));
    }

    [Fact]
    public async Task A_stream_of_bytes_whose_items_are_confirmed_goes_on()
    {
        await OpenAsync();
        _client.AnswersPings = false;
        await _client.SendAsync("[1,1009,[10,20]]");
        await _client.ReceiveAsync(3);
        await _client.ConfirmAsync(2);
        await Until.TrueAsync(() => Session.Outbox.Confirmed == 2);
        await ReconnectAsync();
        Assert.Equal("[1,3,[1,1009,null]]", await _client.ReceiveAsync());
    }

    [Fact]
    public async Task A_stream_of_bytes_that_runs_is_stopped_and_nothing_of_it_follows_its_end()
    {
        await OpenAsync(static options => options.WebSocketServer.OutboxLimit = 1024 * 1024);
        _client.AnswersPings = false;
        await _client.SendAsync("[2,1001,3]");
        var seen = await _client.ReceiveAsync(4);
        await _client.SendAsync("[1,1008,[1000000,1000]]");
        await Until.TrueAsync(() => Session.Sent > 100);
        await ReconnectAsync();
        var again = new List<string>();
        while (again.Count < 7 && await _client.ReceiveAsync() is var message)
            again.Add(message.Length > 80 ? "bytes" : message);
        // What belongs to others comes as it was, in its place.
        Assert.Equal(seen, again.Where(static message => message[1] == '2'));
        Assert.Equal([$"[1,-1008,\"{Interrupted}\"]", $"[1,2,[1,-1008,\"{Interrupted}\"]]", "[1,3,[1,-1008,null]]"], again.Where(static message => message[1] == '1'));
        await Until.TrueAsync(() => Session.Requests.Count == 0);
        var produced = _server.Events.Produced;
        Assert.Equal("[3,1000,3]", await _client.CallAsync("[3,1000,3]"));
        Assert.InRange(produced, 1, 900_000);
        Assert.Equal(produced, _server.Events.Produced);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_divided_reply_of_which_pieces_are_in_doubt_ends_with_an_error(bool isWhole)
    {
        await OpenAsync(static options => options.WebSocketServer.DivideThreshold = 1000);
        await _client.SendAsync("[1,1005,20000]");
        for (var isEnd = false; !isEnd;)
        {
            var (_, message) = await _client.ReceiveBytesAsync();
            isEnd = message[2] == 5 || !isWhole;
        }

        await ReconnectAsync();
        Assert.Equal($"[1,-1005,\"{Interrupted}\"]", await _client.ReceiveAsync());
        await Until.TrueAsync(() => Session.Requests.Count == 0);
        Assert.Equal("[2,1000,2]", await _client.CallAsync("[2,1000,2]"));
    }

    [Fact]
    public async Task A_divided_reply_that_no_connection_took_comes_whole()
    {
        await OpenAsync(static options => options.WebSocketServer.DivideThreshold = 100_000);
        await _client.SendAsync("[1,1017,10000000]");
        await Until.TrueAsync(() => _server.Events.Held == 1);
        await ResetAsync();
        _server.Events.Release.SetResult();
        // The first piece waits until it has been handed to a socket.
        await Until.TrueAsync(() => Session.Outbox.HasMessages);
        _client = await _server.ReconnectAsync(_issued);
        // The message around the bytes has ten.
        var whole = 0L;
        while (await _client.ReceiveBytesAsync() is var (_, message) && message[2] != 5)
            whole += message.Length - Ducts.Protocol.Division.PieceHeadLength(1, message.Length - 8);
        Assert.Equal(10_000_000 + 10, whole);
    }

    [Fact]
    public async Task A_divided_item_in_doubt_ends_its_stream_after_the_items_before_it()
    {
        await OpenAsync(static options => options.WebSocketServer.DivideThreshold = 1000);
        _client.AnswersPings = false;
        await _client.SendAsync("[1,1016,[10,3000]]");
        Assert.StartsWith("[1,1,[1,1016,\"", await _client.ReceiveAsync(), StringComparison.Ordinal);
        await _client.ReceiveBytesAsync();
        await ReconnectAsync();
        Assert.StartsWith("[1,1,[1,1016,\"", await _client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal([$"[1,2,[1,-1016,\"{Interrupted}\"]]", "[1,3,[1,-1016,null]]"], await _client.ReceiveAsync(2));
        Assert.Equal("[2,1000,2]", await _client.CallAsync("[2,1000,2]"));
    }

    [Fact]
    public async Task A_divided_reply_in_text_ends_with_an_error_in_text()
    {
        await OpenAsync(static options => options.WebSocketServer.DivideThreshold = 1000);
        await _client.SendTextAsync("""{"request_id":"a","event_id":1013,"data":5000}""");
        Assert.Contains("\"event_id\":4", await _client.ReceiveAsync(), StringComparison.Ordinal);
        await ReconnectAsync();
        Assert.Equal($$"""text {"request_id":"a","event_id":-1013,"data":"{{Interrupted}}"}""", await _client.ReceiveAsync());
    }

    [Fact]
    public async Task What_the_system_has_never_sent_comes_as_it_was()
    {
        await StartAsync(static options => options.WebSocketServer.OutboxLimit = 64 * 1024 * 1024);
        // One that does not read: most of what it is sent stays in the server's system.
        _client = await WireClient.OpenAsync(_server.Port, _issued.Path, receiveBuffer: 4096);
        await _client.SendAsync("[1,1008,[60,60000]]");
        await Until.TrueAsync(() => _server.Events.Produced == 60 && Session.Requests.Count == 0);
        await _client.SendAsync("[2,1009,[10,20]]");
        await _client.SendAsync("[3,1006,\"last\"]");
        await Until.TrueAsync(() => _server.Events.Held == 1);
        _server.Events.Release.SetResult();
        await Until.TrueAsync(() => Session.Requests.Count == 0);
        await ReconnectAsync();
        var first = new List<string>();
        var second = new List<string>();
        while (second.Count < 3)
        {
            var message = await _client.ReceiveAsync();
            (message[1] == '2' ? second : first).Add(message);
        }

        Assert.Contains($"[1,2,[1,-1008,\"{Interrupted}\"]]", first);
        Assert.Equal(["[2,1,[2,1009,", "[2,2,[2,1009,", "[2,3,[2,1009,"], second.Select(static message => message[..13]));
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
                await _client.SendAsync($"[{i},1000,\"{text}\"]");
        });
        for (var ends = 0; ends < count;)
        {
            var (opcode, message) = await _client.ReceiveBytesAsync();
            Assert.Equal(Opcode.Binary, opcode);
            if (message is [_, _, 5, ..])
                ends++;
        }

        await sending;
    }

    [Fact]
    public async Task No_piece_follows_the_end_of_an_interrupted_stream()
    {
        await OpenAsync(static options => options.WebSocketServer.DivideThreshold = 1000);
        _client.AnswersPings = false;
        await _client.SendAsync("[1,1009,[10,20,10000000]]");
        Assert.StartsWith("[1,1,[1,1009,", await _client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.StartsWith("[1,2,[1,1009,", await _client.ReceiveAsync(), StringComparison.Ordinal);
        await ReconnectAsync();
        Assert.Equal([$"[1,-1009,\"{Interrupted}\"]", $"[1,2,[1,-1009,\"{Interrupted}\"]]", "[1,3,[1,-1009,null]]"], await _client.ReceiveAsync(3));
        await Until.TrueAsync(() => Session.Requests.Count == 0);
        Assert.Equal("[2,1000,2]", await _client.CallAsync("[2,1000,2]"));
    }

    [Fact]
    public async Task With_resend_none_what_a_lost_connection_took_does_not_come_again()
    {
        await OpenAsync(static options => options.WebSocketServer.Resend = ResendMode.None);
        Assert.Equal("[1,1000,1]", await _client.CallAsync("[1,1000,1]"));
        await ReconnectAsync();
        Assert.Equal("[2,1000,2]", await _client.CallAsync("[2,1000,2]"));
    }

    [Fact]
    public async Task ALIVE_MONITORING_is_neither_counted_nor_kept()
    {
        await OpenAsync(static options => options.Event.AliveMonitoringInterval = TimeSpan.FromSeconds(0.05));
        await _client.SendAsync("[1,0,1.5]");
        for (var ticks = 0; ticks < 5; ticks++)
            Assert.StartsWith("[1,0,[", await _client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal(0, Session.Sent);
        await ReconnectAsync();
        // It goes on by itself.
        Assert.StartsWith("[1,0,[", await _client.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_old_socket_had_received_is_handled_before_the_new_one_is_read()
    {
        await OpenAsync();
        for (var round = 1; round <= 30; round++)
        {
            var old = _client;
            for (var i = 0; i < 20; i++)
                await old.SendAsync($"[\"{round}.{i}\",1000,{i}]");
            _client = await _server.ReconnectAsync(_issued);
            await _client.SendAsync($"[\"{round}\",1000,null]");
            var missing = Enumerable.Range(0, 20).Select(i => $"[\"{round}.{i}\",1000,{i}]").ToHashSet();
            // Those of earlier rounds may come again.
            for (var last = ""; last != $"[\"{round}\",1000,null]";)
            {
                last = await _client.ReceiveAsync();
                missing.Remove(last);
            }

            Assert.Empty(missing);
            string left;
            while ((left = await old.ReceiveAsync())[0] == '[')
            {
            }

            Assert.True(left is "close 4001 replaced" or "end", left);
            await old.DisposeAsync();
        }

        Assert.Empty(_server.Log.Errors);
    }

    [Fact]
    public async Task A_client_that_closes_may_come_back_to_its_session()
    {
        await OpenAsync();
        await _client.SendAsync("[1,1006,\"held\"]");
        await Until.TrueAsync(() => _server.Events.Held == 1);
        await _client.SendFrameAsync(Opcode.Close, new byte[] { 0x03, 0xe9 });
        Assert.Equal("close 1000", await _client.ReceiveAsync());
        await Until.TrueAsync(() => _server.Hooks.Seen.EndsWith("b:waits", StringComparison.Ordinal));
        _server.Events.Release.SetResult();
        _client = await _server.ReconnectAsync(_issued);
        Assert.Equal("[1,1006,\"held\"]", await _client.ReceiveAsync());
    }

    [Fact]
    public async Task Requests_beyond_inbox_limit_and_replies_beyond_outbox_limit_do_not_wait_for_each_other()
    {
        await OpenAsync(static options =>
        {
            Limit(options, outbox: 50_000, divided: 20_000);
            options.WebSocketServer.InboxLimit = 20_000;
        });
        _client.AnswersPings = false;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 400; i++)
                await _client.SendAsync($"[{i},1000,\"{new string('x', 1000)}\"]");
        });
        // It reads all and answers no ping: what is not confirmed holds up requests only until they are too many to read the pongs.
        for (var i = 0; i < 400; i++)
            await _client.ReceiveBytesAsync();
        await sending;
        Assert.InRange(Session.Outbox.Unconfirmed, 0, 200_000);
    }

    [Fact]
    public async Task A_client_over_the_limit_that_confirms_nothing_is_cut_and_ended_the_second_time()
    {
        await OpenAsync(static options =>
        {
            Limit(options, outbox: 50_000, divided: 20_000);
            options.WebSocketServer.ReceiptTimeout = TimeSpan.FromSeconds(0.3);
        });
        var session = Session;
        _client.AnswersPings = false;
        await _client.SendAsync($"[1,1016,[{string.Join(',', Enumerable.Repeat(1000, 1000))}]]");
        while (await _client.ReceiveAsync() is var message && message != "end")
        {
        }

        Assert.False(session.IsOver);
        _client = await _server.ReconnectAsync(_issued);
        _client.AnswersPings = false;
        string last;
        do
        {
            last = await _client.ReceiveAsync();
        }
        while (last[0] == '[');
        Assert.Equal("close 4002 no receipts", last);
        await session.Ended.WaitAsync(Until.Patience);
    }

    [Fact]
    public async Task Pongs_that_nobody_has_asked_for_confirm_nothing()
    {
        await OpenAsync();
        Assert.Equal("[1,1000,1]", await _client.CallAsync("[1,1000,1]"));
        await _client.PongAsync(7);
        await _client.PongAsync(-1);
        await _client.SendFrameAsync(Opcode.Pong, new byte[] { 1 });
        Assert.Equal("[2,1000,2]", await CallPastPingsAsync("[2,1000,2]"));
        Assert.Equal(0, Session.Outbox.Confirmed);
        await ReconnectAsync();
        Assert.Equal(["[1,1000,1]", "[2,1000,2]"], await _client.ReceiveAsync(2));
    }

    private Session Session => _server.Session(_issued);

    private static void Limit(DuctsOptions options, int outbox, int divided)
    {
        options.WebSocketServer.OutboxLimit = outbox;
        options.WebSocketServer.DivideThreshold = divided;
    }

    private static IEnumerable<string> Texts(int[] sizes)
    {
        foreach (var size in sizes)
            yield return new string('x', size);
    }

    private async Task OpenAsync(Action<DuctsOptions>? configure = null)
    {
        await StartAsync(configure);
        _client = await _server.OpenAsync(_issued);
    }

    private async Task StartAsync(Action<DuctsOptions>? configure)
    {
        _server = await WireServer.StartAsync(redis, configure, map: static app => app.MapEvent(1016, "TEXTS", Texts));
        _issued = await _server.IssueAsync();
    }

    private async Task ResetAsync()
    {
        _client.Reset();
        await Until.TrueAsync(() => Session.CurrentConnection is null);
    }

    private async Task ReconnectAsync()
    {
        await ResetAsync();
        _client = await _server.ReconnectAsync(_issued);
    }

    private async Task<string> CallPastPingsAsync(string request)
    {
        _client.AnswersPings = false;
        return await _client.CallAsync(request);
    }
}
