using System.Text.Json;
using Ducts.Tests.Support;

namespace Ducts.Tests.Protocol;

public sealed class DividedTests(RedisFixture redis)
{
    [Fact]
    public async Task A_large_reply_comes_in_pieces_and_END_carries_none()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendAsync("[1,1005,2000000]");
        var reply = await Pieces.JoinAsync(client, requestId: 1);

        Assert.Equal(2_000_000 + 10, reply.Length);
        Assert.Equal(Packed.Hex("93 01 cd03ed c6 001e8480"), reply.AsSpan(0, 10).ToArray());
    }

    [Fact]
    public async Task A_reply_at_the_threshold_is_whole_and_one_byte_more_divides_it()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.DivideThreshold = 1000);
        await using var client = await server.OpenAsync();

        await client.SendAsync($"[1,1005,{1000 - 8}]");
        Assert.Equal(1000, (await client.ReceiveBytesAsync()).Bytes.Length);
        await client.SendAsync($"[1,1005,{1001 - 8}]");
        Assert.Equal(1001, (await Pieces.JoinAsync(client, requestId: 1, mostBytes: 1000)).Length);
    }

    [Fact]
    public async Task A_large_reply_in_text_is_pieces_in_text()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.DivideThreshold = 1000);
        await using var client = await server.OpenAsync();
        await client.SendTextAsync("""{"request_id":1,"event_id":1013,"data":5000}""");

        var whole = new MemoryStream();
        while (true)
        {
            var message = (await client.ReceiveAsync())["text ".Length..];
            Assert.True(message.Length <= 1000, message);
            using var piece = JsonDocument.Parse(message);
            if (piece.RootElement.GetProperty("event_id").GetInt32() == 5)
                break;
            Assert.Equal(4, piece.RootElement.GetProperty("event_id").GetInt32());
            whole.Write(piece.RootElement.GetProperty("data").GetBytesFromBase64());
        }

        Assert.Equal($"{{\"request_id\":1,\"event_id\":1013,\"data\":\"{new string('x', 5000)}\"}}", System.Text.Encoding.UTF8.GetString(whole.ToArray()));
    }

    [Fact]
    public async Task Small_messages_go_between_the_pieces()
    {
        await using var server = await WireServer.StartAsync(redis);
        // A small window, so that the pieces wait for the reader.
        await using var client = await server.OpenAsync(receiveBuffer: 8 * 1024);
        await client.SendAsync("[1,1005,40000000]");
        await client.SendAsync("[2,1000,5]");

        var pieces = 0;
        while (true)
        {
            var (_, message) = await client.ReceiveBytesAsync();
            if (message[1] == 2)
                break;
            Assert.Equal(4, message[2]);
            pieces++;
        }

        // All pieces are 77; the reply came among the first ones.
        Assert.InRange(pieces, 0, 40);
    }

    [Fact]
    public async Task A_long_request_id_does_not_multiply_what_is_sent()
    {
        const int Length = 50_000;
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.DivideThreshold = 16);
        await using var client = await server.OpenAsync();
        var id = new string('i', 1000);
        await client.SendAsync($"[\"{id}\",1005,{Length}]");

        long received = 0;
        while (true)
        {
            var (_, message) = await client.ReceiveBytesAsync();
            Assert.NotEmpty(message);
            received += message.Length;
            if (message[^2] == 5)
                break;
        }

        Assert.True(received < 3 * Length, $"{received} bytes");
    }

    [Fact]
    public async Task A_fast_stream_does_not_keep_a_divided_reply_from_coming()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,1008,[100000,16384]]");
        await Until.TrueAsync(() => server.Events.Produced > 0);
        await client.SendAsync("[2,1005,2000000]");

        var items = 0;
        while (true)
        {
            var (_, message) = await client.ReceiveBytesAsync();
            Assert.NotEmpty(message);
            if (message[1] == 2 && message[2] == 5)
                break;
            items++;
        }

        Assert.True(items < 50_000, $"{items} messages came first");
    }
}
