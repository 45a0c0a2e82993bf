using Ducts.Connections;
using Ducts.Tests.Support;

namespace Ducts.Tests.Connections;

/// <summary>RFC 6455, seen from a raw socket.</summary>
public sealed class FrameRuleTests(RedisFixture redis)
{
    [Theory]
    [InlineData("an unmasked frame", "82 01 00")]
    [InlineData("a reserved bit", "c2 81 00000000 00")]
    [InlineData("another reserved bit", "a2 81 00000000 00")]
    [InlineData("a third reserved bit", "92 81 00000000 00")]
    [InlineData("reserved opcode 3", "83 80 00000000")]
    [InlineData("reserved opcode 11", "8b 80 00000000")]
    [InlineData("reserved opcode 15", "8f 80 00000000")]
    [InlineData("a continuation of nothing", "80 80 00000000")]
    [InlineData("a message within a message", "02 80 00000000 82 80 00000000")]
    [InlineData("a fragmented ping", "09 80 00000000")]
    [InlineData("a fragmented close", "08 80 00000000")]
    [InlineData("a ping of 126 bytes", "89 fe 007e 00000000")]
    [InlineData("a length of 126 in 16 bits that fits 7", "82 fe 0005 00000000 0000000000")]
    [InlineData("a length in 64 bits that fits 16", "82 ff 0000000000000005 00000000 0000000000")]
    [InlineData("a negative length", "82 ff 8000000000000000 00000000")]
    [InlineData("a close frame of one byte", "88 81 00000000 03")]
    [InlineData("close code 999", "88 82 00000000 03e7")]
    [InlineData("close code 1004", "88 82 00000000 03ec")]
    [InlineData("close code 1005", "88 82 00000000 03ed")]
    [InlineData("close code 1006", "88 82 00000000 03ee")]
    [InlineData("close code 1015", "88 82 00000000 03f7")]
    [InlineData("close code 2000", "88 82 00000000 07d0")]
    [InlineData("close code 5000", "88 82 00000000 1388")]
    [InlineData("a close reason that is no UTF-8", "88 84 00000000 03e8 c328")]
    public async Task What_breaks_the_protocol_closes_with_1002(string what, string hex)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendRawAsync(Packed.Hex(hex));

        Assert.Equal("close 1002 protocol error", await client.ReceiveAsync());
        Assert.True(await client.ReadFrameAsync() is null, $"after {what} the socket ends");
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("81 82 00000000 c328")]
    [InlineData("81 81 00000000 ff")]
    [InlineData("81 83 00000000 eda080")] // a surrogate
    [InlineData("81 84 00000000 f4908080")] // beyond U+10FFFF
    [InlineData("81 82 00000000 c080")] // overlong
    [InlineData("01 81 00000000 c3 80 81 00000000 28")] // over two fragments
    public async Task Text_that_is_no_UTF8_closes_with_1007(string hex)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendRawAsync(Packed.Hex(hex));

        Assert.Equal("close 1007 text is not UTF-8", await client.ReceiveAsync());
    }

    [Theory]
    [InlineData("82 ff 0000000000800001 00000000")] // 8 MiB and a byte, announced
    [InlineData("82 ff 7fffffffffffffff 00000000")]
    [InlineData("02 81 00000000 01 80 ff 7fffffffffffffff 00000000")] // what came before and this overflow 63 bits
    [InlineData("02 81 00000000 01 80 ff 0000000000800000 00000000")]
    public async Task A_message_that_is_too_large_closes_with_1009_before_it_has_come(string hex)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendRawAsync(Packed.Hex(hex));

        Assert.Equal("close 1009 message over 8388608 bytes", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_message_of_the_largest_size_passes()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.MaxMessageSize = 100_000);
        await using var client = await server.OpenAsync();
        var message = Packed.From($"[1,1000,\"{new string('x', 100_000 - 10)}\"]");
        message = message[..^0];

        await client.SendBinaryAsync(message);

        Assert.Equal(Opcode.Binary, (await client.ReceiveBytesAsync()).Opcode);
        await client.SendBinaryAsync(new byte[100_001]);
        Assert.Equal("close 1009 message over 100000 bytes", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_ping_is_answered_with_its_bytes_even_within_a_message()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        var message = Packed.From("[1,1000,\"two\"]");

        await client.SendFrameAsync(Opcode.Binary, message.AsMemory(0, 3), final: false);
        await client.SendFrameAsync(Opcode.Ping, "are you there"u8.ToArray());
        var pong = await client.ReadFrameAsync();
        await client.SendFrameAsync(Opcode.Continuation, Array.Empty<byte>(), final: false);
        await client.SendFrameAsync(Opcode.Continuation, message.AsMemory(3));

        Assert.Equal(Opcode.Pong, pong!.Opcode);
        Assert.Equal("are you there"u8.ToArray(), pong.Payload);
        Assert.Equal("[1,1000,\"two\"]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_character_of_text_may_lie_in_two_fragments()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        var bytes = System.Text.Encoding.UTF8.GetBytes("{\"request_id\":1,\"event_id\":1000,\"data\":\"\ud83e\udd86\"}");
        var within = Array.IndexOf(bytes, (byte)0xf0) + 2;

        await client.SendFrameAsync(Opcode.Text, bytes.AsMemory(0, within), final: false);
        await client.SendFrameAsync(Opcode.Ping, Array.Empty<byte>());
        await client.SendFrameAsync(Opcode.Continuation, bytes.AsMemory(within));

        Assert.Equal(Opcode.Pong, (await client.ReadFrameAsync())!.Opcode);
        Assert.Equal("""text {"request_id":1,"event_id":1000,"data":"\uD83E\uDD86"}""", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_pong_that_nobody_asked_for_and_empty_messages_are_nothing()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendFrameAsync(Opcode.Pong, "x"u8.ToArray());
        await client.SendFrameAsync(Opcode.Text, Array.Empty<byte>());
        await client.SendFrameAsync(Opcode.Binary, Array.Empty<byte>());

        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("03e8")]
    [InlineData("03e9 676f")]
    [InlineData("03f6")] // 1014, of IANA's registry
    [InlineData("0bb8")]
    [InlineData("0fa0")]
    [InlineData("1387")]
    public async Task A_close_frame_is_answered_with_1000_and_leaves_the_session_waiting(string payload)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendFrameAsync(Opcode.Close, Packed.Hex(payload));

        Assert.Equal("close 1000", await client.ReceiveAsync());
        Assert.Null(await client.ReadFrameAsync());
        await Until.TrueAsync(() => server.Hooks.Seen == "a:connected b:connected a:waits b:waits");
    }

    [Fact]
    public async Task A_request_right_before_a_close_frame_is_handled_even_when_the_transport_ends_right_behind_them()
    {
        await using var server = await WireServer.StartAsync(redis);
        for (var i = 0; i < 50; i++)
        {
            var issued = await server.IssueAsync();
            await using var client = await server.OpenAsync(issued);
            await client.SendRawAsync((byte[])[.. WireClient.FrameBytes(Opcode.Binary, Packed.From("[1,1000,1]")), .. WireClient.FrameBytes(Opcode.Close, [])]);
            client.Finish();
            // A socket that came later would be preferred to one that has not been attached yet.
            await Until.TrueAsync(() => server.Session(issued) is { HasOpened: true, CurrentConnection: null });
            // Whether the answer was sent before the socket closed or not.
            await using var next = await server.ReconnectAsync(issued);
            Assert.Equal("[1,1000,1]", await next.ReceiveAsync());
        }
    }

    [Fact]
    public async Task Bytes_may_come_one_by_one()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var proxy = new FaultProxy(server.Port, new FaultPlan(LargestPiece: 1));
        await using var client = await WireClient.OpenAsync(proxy.Port, (await server.IssueAsync()).Path);

        Assert.Equal("[1,1000,\"slowly\"]", await client.CallAsync("[1,1000,\"slowly\"]"));
        await client.SendTextAsync("""{"request_id":2,"event_id":1001,"data":1}""");
        Assert.Equal([
                """text {"request_id":2,"event_id":1,"data":{"request_id":2,"event_id":1001,"data":1}}""",
                """text {"request_id":2,"event_id":3,"data":{"request_id":2,"event_id":1001,"data":null}}""",
            ], await client.ReceiveAsync(2));
    }
}
