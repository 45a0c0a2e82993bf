using Ducts.Connections;
using Ducts.MessagePack;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Connections;

public sealed class HostileInputTests(RedisFixture redis)
{
    private const string AmountVariable = "DUCTS_TEST_HOSTILE_MESSAGES";
    private const int Senders = 4;

    private static readonly byte[][] Good =
    [
        Packed.From("[1,1000,{\"a\":[1,2.5,\"x\",null,true],\"b\":{\"c\":\"d\"}}]"),
        Packed.From("[\"id\",1001,3]"),
        Packed.From("[{\"a\":1},1002,{\"id\":1000,\"text\":\"t\"}]"),
        Packed.From("[7,6,1]"),
        Packed.From("[8,0,null]"),
        """{"request_id":1,"event_id":1000,"data":{"a":[1,2.5,"x",null,true]}}"""u8.ToArray(),
        """{"request_id":"\u00e9","event_id":"1001","data":3}"""u8.ToArray(),
    ];

    /// <summary>Set the variable to 1000000 for the long run.</summary>
    [Fact]
    public async Task Random_and_mutated_messages_crash_nothing_and_honest_clients_are_served_meanwhile()
    {
        var amount = int.TryParse(Environment.GetEnvironmentVariable(AmountVariable), out var wanted) ? wanted : 100_000;
        var seed = Environment.TickCount;
        await using var server = await WireServer.StartAsync(
            redis,
            static options => options.WebSocketServer.MalformedLimit = 1_000_000,
            static app =>
            {
                // Only events that a changed message cannot make run for long.
                // As text, for an extension has no form in which it could be sent.
                app.MapEvent(1000, "ECHO", (MessagePackElement data) => data.ToString());
                app.MapEvent(1001, "COUNT", (int count) => WireEvents.Count(Math.Min(count, 10)));
                app.MapEvent(1002, "ORDER", (int id, string text) => text + id);
                app.MapEvent(1011, "NULL", () => { });
            },
            withEvents: false);
        await using var honest = await server.OpenAsync();

        var senders = Task.WhenAll(Enumerable.Range(0, Senders).Select(i => Task.Run(() => SendAsync(server, new Random(seed + i), amount / Senders))));
        var served = 0;
        while (!senders.IsCompleted || served == 0)
        {
            Assert.Equal($"[{served},1000,\"1\"]", await honest.CallAsync($"[{served},1000,1]"));
            served++;
        }

        await senders;
        Assert.True(server.Log.Errors.Count == 0, $"seed {seed}: {string.Join('\n', server.Log.Errors.Take(3))}");
    }

    [Fact]
    public async Task Random_bytes_instead_of_frames_crash_nothing()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.ReconnectTimeout = TimeSpan.FromSeconds(0.05));
        for (var i = 0; i < 150; i++)
        {
            await using var client = await server.OpenAsync();
            var bytes = new byte[random.Next(1, 2000)];
            random.NextBytes(bytes);
            if (i % 2 == 0)
                bytes[0] = 0x82;
            try
            {
                await client.SendRawAsync(bytes);
            }
            catch (IOException)
            {
                // Cut while we were still sending: as it should be.
            }
        }

        await using var honest = await server.OpenAsync();
        Assert.Equal("[1,1000,1]", await honest.CallAsync("[1,1000,1]"));
        await honest.DisposeAsync();
        await Until.TrueAsync(() => server.Sessions.Count == 0);
        Assert.True(server.Log.Errors.Count == 0, $"seed {seed}: {string.Join('\n', server.Log.Errors.Take(3))}");
    }

    [Fact]
    public async Task What_is_nested_too_deeply_or_announces_too_much_is_malformed()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        var deep = (byte[])[0x93, 0x01, 0xcd, 0x03, 0xe8, .. Enumerable.Repeat((byte)0x91, 100_000), 0xc0];
        await client.SendBinaryAsync(deep);
        Assert.Equal("[1,-1000,\"ValueError('the message is nested too deeply')\"]", await client.ReceiveAsync());
        await client.SendTextAsync("{\"request_id\":1,\"event_id\":1000,\"data\":" + new string('[', 100_000));
        Assert.StartsWith("text {\"request_id\":1,\"event_id\":-1000,\"data\":\"ValueError('", await client.ReceiveAsync(), StringComparison.Ordinal);
        foreach (var announcement in (string[])["dd ffffffff", "df ffffffff", "c6 ffffffff", "db ffffffff", "c9 ffffffff 01"])
        {
            await client.SendBinaryAsync(Packed.Hex("93 01 cd03e8" + announcement));
            Assert.StartsWith("[1,-1000,\"ValueError('", await client.ReceiveAsync(), StringComparison.Ordinal);
        }

        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(1, "close 1009 message over 10000 bytes")]
    [InlineData(0, null)]
    public async Task Fragments_without_end_are_never_more_than_a_message(int length, string? end)
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.MaxMessageSize = 10_000);
        await using var client = await server.OpenAsync();
        await using var honest = await server.OpenAsync();
        var fragment = WireClient.FrameBytes(Opcode.Continuation, new byte[length], final: false);
        var fragments = Enumerable.Repeat(fragment, 1000).SelectMany(static frame => frame).ToArray();

        await client.SendFrameAsync(Opcode.Binary, Array.Empty<byte>(), final: false);
        for (var i = 0; i < 10; i++)
        {
            await client.SendRawAsync(fragments);
            Assert.Equal($"[{i},1000,{i}]", await honest.CallAsync($"[{i},1000,{i}]"));
        }

        if (end is not null)
        {
            await client.SendRawAsync(fragment);
            Assert.Equal(end, await client.ReceiveAsync());
            return;
        }

        // Empty ones are no message yet, and one that ends it still may come.
        await client.SendFrameAsync(Opcode.Continuation, Packed.From("[1,1000,1]"));
        Assert.Equal("[1,1000,1]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task Pings_without_end_get_no_more_pongs_kept_than_are_read()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        var ping = WireClient.FrameBytes(Opcode.Ping, new byte[100]);
        var flood = Enumerable.Repeat(ping, 500).SelectMany(static frame => frame).ToArray();
        for (var i = 0; i < 20; i++)
            await client.SendRawAsync(flood);

        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
    }

    private static async Task SendAsync(WireServer server, Random random, int amount)
    {
        await using var client = await server.OpenAsync();
        var reading = DrainAsync(client);
        var batch = new MemoryStream();
        for (var i = 1; i <= amount; i++)
        {
            var message = Hostile(random);
            var text = System.Text.Unicode.Utf8.IsValid(message) && random.Next(2) == 0;
            batch.Write(WireClient.FrameBytes(text ? Opcode.Text : Opcode.Binary, message));
            if (i % 100 != 0 && i != amount)
                continue;
            await client.SendRawAsync(batch.ToArray());
            batch.SetLength(0);
        }

        // Everything has been read, and the session still answers.
        await client.SendAsync("[\"the last\",1011,null]");
        await reading;
    }

    private static async Task DrainAsync(WireClient client)
    {
        var last = Packed.From("[\"the last\",1011,null]");
        while (true)
        {
            var (opcode, bytes) = await client.ReceiveBytesAsync();
            Assert.True(opcode is Opcode.Binary or Opcode.Text, $"the socket ended: {opcode} {Convert.ToHexStringLower(bytes)}");
            if (bytes.AsSpan().SequenceEqual(last))
                return;
        }
    }

    private static byte[] Hostile(Random random)
    {
        if (random.Next(4) == 0)
        {
            var noise = new byte[random.Next(0, 60)];
            random.NextBytes(noise);
            if (noise.Length > 0 && random.Next(2) == 0)
                noise[0] = 0x93;
            return noise;
        }

        var message = (byte[])Good[random.Next(Good.Length)].Clone();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(message.Length);
            message = random.Next(4) switch
            {
                0 => [.. message[..at], (byte)random.Next(256), .. message[at..]],
                1 when message.Length > 1 => [.. message[..at], .. message[(at + 1)..]],
                2 => message[..Math.Max(1, at)],
                _ => [.. message[..at], (byte)(message[at] ^ (1 << random.Next(8))), .. message[(at + 1)..]],
            };
        }

        return message;
    }
}
