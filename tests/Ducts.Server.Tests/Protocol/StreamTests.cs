using System.Runtime.CompilerServices;
using Ducts.Connections;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Protocol;

public sealed class StreamTests(RedisFixture redis)
{
    private const int MiB = 1024 * 1024;

    [Theory]
    [InlineData(1001)]
    [InlineData(1002)]
    public async Task A_stream_is_START_then_NEXT_then_END(int eventId)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendAsync($"[7,{eventId},3]");

        Assert.Equal([$"[7,1,[7,{eventId},1]]", $"[7,2,[7,{eventId},2]]", $"[7,2,[7,{eventId},3]]", $"[7,3,[7,{eventId},null]]"], await client.ReceiveAsync(4));
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(1002)]
    public async Task An_empty_stream_is_START_with_null_then_END(int eventId)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendAsync($"[7,{eventId},0]");

        Assert.Equal([$"[7,1,[7,{eventId},null]]", $"[7,3,[7,{eventId},null]]"], await client.ReceiveAsync(2));
    }

    [Fact]
    public async Task The_last_item_of_a_rapid_succession_does_not_wait_for_the_next()
    {
        const int Items = 2_000;
        // On a busy machine items may come slowly; they do not in every stream.
        const int Streams = 50;
        var release = new TaskCompletionSource();
        await using var server = await WireServer.StartAsync(
            redis,
            // A ping would take along what waits.
            static options => options.WebSocketServer.PingPongInterval = TimeSpan.FromHours(1),
            app => app.MapEvent(3000, "RAPID", RapidAsync));
        await using var client = await server.OpenAsync();

        for (var i = 0; i < Streams; i++)
        {
            await client.SendAsync("[7,3000,null]");

            var items = await client.ReceiveAsync(Items);
            Assert.Equal($"[7,2,[7,3000,{Items - 1}]]", items[^1]);
            release.SetResult();
            Assert.Equal(["[7,3,[7,3000,null]]"], await client.ReceiveAsync(1));
            release = new TaskCompletionSource();
        }

        async IAsyncEnumerable<int> RapidAsync([EnumeratorCancellation] CancellationToken token)
        {
            for (var i = 0; i < Items; i++)
            {
                await Task.Yield();
                yield return i;
            }

            await release.Task.WaitAsync(token);
        }
    }

    [Fact]
    public async Task An_error_before_the_first_item_is_a_plain_error()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        Assert.Equal("[7,-1004,\"KeyError('the end')\"]", await client.CallAsync("[7,1004,0]"));
        Assert.Equal("[8,1000,1]", await client.CallAsync("[8,1000,1]"));
    }

    [Fact]
    public async Task An_error_later_is_NEXT_with_the_text_then_END()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendAsync("[7,1004,1]");

        Assert.Equal(["[7,1,[7,1004,1]]", "[7,2,[7,-1004,\"KeyError('the end')\"]]", "[7,3,[7,-1004,null]]"], await client.ReceiveAsync(3));
    }

    [Fact]
    public async Task A_large_first_item_comes_whole_in_frames_of_at_most_a_MiB()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendAsync($"[7,1009,[{3 * MiB}]]");
        var (opcode, start) = await client.ReceiveBytesAsync();

        Assert.Equal(Opcode.Binary, opcode);
        Assert.Equal(Packed.Hex("93 07 01 93 07 cd03f1 c6 00300000"), start.AsSpan(0, 13).ToArray());
        Assert.Equal((3 * MiB) + 13, start.Length);
        Assert.True(client.LargestFrame <= MiB, $"{client.LargestFrame}");
        Assert.Equal("[7,3,[7,1009,null]]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_first_item_over_4_MiB_is_an_error()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        Assert.StartsWith("[7,-1009,\"ValueError('the first item of the stream has ", await client.CallAsync($"[7,1009,[{5 * MiB}]]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_later_item_is_divided()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendAsync($"[7,1009,[1,{2 * MiB},2]]");

        Assert.Equal("[7,1,[7,1009,\"AA==\"]]", await client.ReceiveAsync());
        var next = await Pieces.JoinAsync(client, requestId: 0x07);
        Assert.Equal(Packed.Hex("93 07 02 93 07 cd03f1 c6 00200000"), next.AsSpan(0, 13).ToArray());
        Assert.Equal((2 * MiB) + 13, next.Length);
        Assert.Equal(["[7,2,[7,1009,\"AAA=\"]]", "[7,3,[7,1009,null]]"], await client.ReceiveAsync(2));
    }

    [Fact]
    public async Task A_cancelled_stream_ends_regularly()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        await client.SendAsync("[\"s\",1015,null]");
        Assert.Equal("[\"s\",1,[\"s\",1015,1]]", await client.ReceiveAsync());

        await client.SendAsync("[9,6,\"s\"]");

        string message;
        var seen = new List<string>();
        while ((message = await client.ReceiveAsync()) != "[\"s\",3,[\"s\",1015,null]]")
            seen.Add(message);
        if (!seen.Contains("[9,6,true]"))
            Assert.Equal("[9,6,true]", await client.ReceiveAsync());
        Assert.Equal("[10,6,false]", await client.CallAsync("[10,6,\"s\"]"));
    }

    [Fact]
    public async Task CANCEL_ends_a_single_request_with_an_error()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,1006,\"x\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);

        await client.SendAsync("[2,6,1]");

        Assert.Equal(["[1,-1006,\"RuntimeError('cancelled')\"]", "[2,6,true]"], (await client.ReceiveAsync(2)).Order());
        Assert.Equal(1, server.Events.Cancelled);
    }
}
