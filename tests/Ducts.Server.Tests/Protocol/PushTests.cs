using Ducts.Tests.Support;

namespace Ducts.Tests.Protocol;

public sealed class PushTests(RedisFixture redis)
{
    [Fact]
    public async Task A_push_has_no_request_id_and_comes_to_its_session()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendAsync("[1,1010,{\"id\":1000,\"text\":\"hi\"}]");

        Assert.Equal(["[null,1000,\"hi\"]", "[1,1010,null]"], await client.ReceiveAsync(2));
    }

    [Fact]
    public async Task A_push_to_all_comes_to_each_in_its_encoding()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var packed = await server.OpenAsync();
        await using var text = await server.OpenAsync();
        await packed.CallAsync("[1,1000,1]");
        await text.SendTextAsync("""{"request_id":1,"event_id":1000,"data":1}""");
        await text.ReceiveAsync();

        Assert.Equal(2, await server.Sessions.PushAsync("ECHO", new { name = "n" }));

        Assert.Equal("""[null,1000,{"name":"n"}]""", await packed.ReceiveAsync());
        Assert.Equal("""text {"request_id":null,"event_id":1000,"data":{"name":"n"}}""", await text.ReceiveAsync());
    }

    [Fact]
    public async Task A_push_comes_to_those_that_match_and_waits_for_those_without_a_socket()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync("&room=a");
        var lost = await server.OpenAsync(issued);
        await using var other = await server.OpenAsync();
        lost.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));

        Assert.Equal(1, await server.Sessions.PushAsync(1000, "to a", static session => session.Query.ContainsKey("room")));

        await using var back = await server.ReconnectAsync(issued);
        Assert.Equal("[null,1000,\"to a\"]", await back.ReceiveAsync());
        Assert.Equal("[1,1000,1]", await other.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task A_push_that_clients_would_drop_is_refused()
    {
        await using var server = await WireServer.StartAsync(redis);

        await Assert.ThrowsAsync<ArgumentException>(async () => await server.Sessions.PushAsync(1000, new byte[5 * 1024 * 1024]));
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await server.Sessions.PushAsync("NOBODY", 1));
    }
}
