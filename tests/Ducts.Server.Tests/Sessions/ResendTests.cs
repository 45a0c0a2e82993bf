using Ducts.Connections;
using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

/// <summary>What clients of version 1 are sent again, by kind of message and by what their pongs say.</summary>
public sealed class ResendTests(RedisFixture redis) : ReconnectingTests(redis)
{
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
        Client.AnswersPings = false;
        var answer = expected.Split("] [").Length;
        await Client.SendAsync(request);
        Assert.Equal(expected, string.Join(' ', await Client.ReceiveAsync(answer)));
        // The last of them may have come within 100 ms of the first.
        await ReconnectAsync();
        Client.AnswersPings = false;
        Assert.Equal(expected, string.Join(' ', await Client.ReceiveAsync(answer)));
        await Client.ConfirmAllAsync(Session);

        await ReconnectAsync();
        Assert.Equal("[2,1000,\"next\"]", await Client.CallAsync("[2,1000,\"next\"]"));
    }

    [Fact]
    public async Task What_did_not_arrive_comes_with_what_was_made_since()
    {
        await OpenAsync();
        await Client.SendAsync("[1,1006,\"held\"]");
        await Client.SendAsync("[2,1000,2]");
        await Until.TrueAsync(() => Server.Events.Held == 1 && Session.Sent == 1);
        await ResetAsync();
        Server.Events.Release.SetResult();
        await Until.TrueAsync(() => Session.Requests.Count == 0);
        Client = await Server.ReconnectAsync(Issued);
        Assert.Equal("[2,1000,2] [1,1006,\"held\"]", string.Join(' ', await Client.ReceiveAsync(2)));
    }

    [Fact]
    public async Task Text_comes_again_as_text()
    {
        await OpenAsync();
        await Client.SendTextAsync("""{"request_id":"a","event_id":1001,"data":2}""");
        Client.AnswersPings = false;
        var first = await Client.ReceiveAsync(3);
        await ReconnectAsync();
        Assert.Equal(first, await Client.ReceiveAsync(3));
    }

    [Fact]
    public async Task A_divided_reply_that_no_connection_took_comes_whole()
    {
        await OpenAsync(static options => options.WebSocketServer.DivideThreshold = 100_000);
        await Client.SendAsync("[1,1017,10000000]");
        await Until.TrueAsync(() => Server.Events.Held == 1);
        await ResetAsync();
        Server.Events.Release.SetResult();
        // The first piece waits until it has been handed to a socket.
        await Until.TrueAsync(() => Session.Outbox.HasMessages);
        Client = await Server.ReconnectAsync(Issued);
        // The message around the bytes has ten.
        var whole = 0L;
        while (await Client.ReceiveBytesAsync() is var (_, message) && message[2] != 5)
            whole += message.Length - Ducts.Protocol.Division.PieceHeadLength(1, message.Length - 8);
        Assert.Equal(10_000_000 + 10, whole);
    }

    [Fact]
    public async Task What_the_system_has_never_sent_comes_as_it_was()
    {
        await StartAsync(static options => options.WebSocketServer.OutboxLimit = 64 * 1024 * 1024);
        // One that does not read: most of what it is sent stays in the server's system.
        Client = await WireClient.OpenAsync(Server.Port, Issued.Path, receiveBuffer: 4096);
        await Client.SendAsync("[1,1008,[60,60000]]");
        await Until.TrueAsync(() => Server.Events.Produced == 60 && Session.Requests.Count == 0);
        await Client.SendAsync("[2,1009,[10,20]]");
        await Client.SendAsync("[3,1006,\"last\"]");
        await Until.TrueAsync(() => Server.Events.Held == 1);
        Server.Events.Release.SetResult();
        await Until.TrueAsync(() => Session.Requests.Count == 0);
        await ReconnectAsync();
        var first = new List<string>();
        var second = new List<string>();
        while (second.Count < 3)
        {
            var message = await Client.ReceiveAsync();
            (message[1] == '2' ? second : first).Add(message);
        }

        Assert.Contains($"[1,2,[1,-1008,\"{Interrupted}\"]]", first);
        Assert.Equal(["[2,1,[2,1009,", "[2,2,[2,1009,", "[2,3,[2,1009,"], second.Select(static message => message[..13]));
    }

    [Fact]
    public async Task With_resend_none_what_a_lost_connection_took_does_not_come_again()
    {
        await OpenAsync(static options => options.WebSocketServer.Resend = ResendMode.None);
        Assert.Equal("[1,1000,1]", await Client.CallAsync("[1,1000,1]"));
        await ReconnectAsync();
        Assert.Equal("[2,1000,2]", await Client.CallAsync("[2,1000,2]"));
    }

    [Fact]
    public async Task ALIVE_MONITORING_is_neither_counted_nor_kept()
    {
        await OpenAsync(static options => options.Event.AliveMonitoringInterval = TimeSpan.FromSeconds(0.05));
        await Client.SendAsync("[1,0,1.5]");
        for (var ticks = 0; ticks < 5; ticks++)
            Assert.StartsWith("[1,0,[", await Client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal(0, Session.Sent);
        await ReconnectAsync();
        // It goes on by itself.
        Assert.StartsWith("[1,0,[", await Client.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_old_socket_had_received_is_handled_before_the_new_one_is_read()
    {
        await OpenAsync();
        for (var round = 1; round <= 30; round++)
        {
            var old = Client;
            for (var i = 0; i < 20; i++)
                await old.SendAsync($"[\"{round}.{i}\",1000,{i}]");
            Client = await Server.ReconnectAsync(Issued);
            await Client.SendAsync($"[\"{round}\",1000,null]");
            var missing = Enumerable.Range(0, 20).Select(i => $"[\"{round}.{i}\",1000,{i}]").ToHashSet();
            // Those of earlier rounds may come again.
            for (var last = ""; last != $"[\"{round}\",1000,null]";)
            {
                last = await Client.ReceiveAsync();
                missing.Remove(last);
            }

            Assert.Empty(missing);
            string left;
            while ((left = await old.ReceiveAsync())[0] == '[')
            {
            }

            Assert.Equal("close 4001 replaced", left);
            await old.DisposeAsync();
        }

        Assert.Empty(Server.Log.Errors);
    }

    [Fact]
    public async Task AClient_that_closes_may_come_back_to_its_session()
    {
        await OpenAsync();
        await Client.SendAsync("[1,1006,\"held\"]");
        await Until.TrueAsync(() => Server.Events.Held == 1);
        await Client.SendFrameAsync(Opcode.Close, new byte[] { 0x03, 0xe9 });
        Assert.Equal("close 1000", await Client.ReceiveAsync());
        await Until.TrueAsync(() => Server.Hooks.Seen.EndsWith("b:waits", StringComparison.Ordinal));
        Server.Events.Release.SetResult();
        Client = await Server.ReconnectAsync(Issued);
        Assert.Equal("[1,1006,\"held\"]", await Client.ReceiveAsync());
    }
}
