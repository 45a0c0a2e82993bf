using System.Buffers.Binary;
using Ducts.Tests.Support;

namespace Ducts.Tests.Protocol;

public sealed class AliveMonitoringTests(RedisFixture redis)
{
    [Fact]
    public async Task It_is_a_bare_stream_of_two_float64()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Event.AliveMonitoringInterval = TimeSpan.FromSeconds(0.05));
        await using var client = await server.OpenAsync();
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

        await client.SendAsync("[\"a\",0,null]");

        var last = 0.0;
        var received = 0.0;
        for (var i = 0; i < 4; i++)
        {
            var (_, message) = await client.ReceiveBytesAsync();
            // [id, 0, [float64, float64]] to the byte.
            Assert.Equal(24 - 1, message.Length);
            Assert.Equal(Packed.Hex("93 a161 00 92 cb"), message.AsSpan(0, 6).ToArray());
            Assert.Equal(0xcb, message[14]);
            var now = BinaryPrimitives.ReadDoubleBigEndian(message.AsSpan(6));
            var arrived = BinaryPrimitives.ReadDoubleBigEndian(message.AsSpan(15));
            Assert.True(now > last, $"{now} after {last}");
            Assert.True(arrived >= before && arrived <= now, $"{before} <= {arrived} <= {now}");
            Assert.True(received is 0 || arrived == received, "server_received is of the request");
            (last, received) = (now, arrived);
        }
    }

    [Fact]
    public async Task It_goes_on_over_a_new_socket_without_being_asked_again()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Event.AliveMonitoringInterval = TimeSpan.FromSeconds(0.05));
        var issued = await server.IssueAsync();
        var first = await server.OpenAsync(issued);
        Assert.StartsWith("text {\"request_id\":1,\"event_id\":0,\"data\":[", await TextAliveAsync(first), StringComparison.Ordinal);
        first.Reset();

        await using var second = await server.ReconnectAsync(issued);

        Assert.StartsWith("text {\"request_id\":1,\"event_id\":0,\"data\":[", await second.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_request_id_is_refused_for_it_would_be_kept_and_sent_for_ever()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Event.AliveMonitoringInterval = TimeSpan.FromSeconds(0.02));
        await using var client = await server.OpenAsync();
        // With the head of its string an id of 1024 bytes, then one of a byte more.
        var longest = new string('i', 1024 - 3);
        var tooLong = longest + "i";

        Assert.Equal(
            "[null,-99,\"ValueError('the request id has 1025 bytes, more than 1024')\"]",
            await client.CallAsync($"[\"{tooLong}\",0,null]"));
        Assert.StartsWith($"[\"{longest}\",0,[", await client.CallAsync($"[\"{longest}\",0,null]"), StringComparison.Ordinal);
        // Only the other one goes on.
        for (var i = 0; i < 3; i++)
            Assert.StartsWith($"[\"{longest}\",0,[", await client.ReceiveAsync(), StringComparison.Ordinal);
    }

    private static async Task<string> TextAliveAsync(WireClient client)
    {
        await client.SendTextAsync("""{"request_id":1,"event_id":0,"data":null}""");
        return await client.ReceiveAsync();
    }
}
