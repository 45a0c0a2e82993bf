namespace Ducts.Redis.Tests;

public sealed class FollowingFormTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private RedisClient _redis = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _redis = await _server.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_announced_on_one_channel_is_followed_without_a_pattern()
    {
        await _redis.XAddAsync("s", "i", 0);
        await using var follower = _redis.SubAndXRangeAsync("news[1]", "s", lastCount: 1).GetAsyncEnumerator();
        Assert.Equal(["0"], await FollowerTests.TakeAsync(follower, 1));
        Assert.Equal("0", await _server.CliAsync("PUBSUB", "NUMPAT"));
        await _redis.XAddAndPublishAsync("news[1]", "s", "i", 1);
        Assert.Equal(["1"], await FollowerTests.TakeAsync(follower, 1));
    }

    [Fact]
    public async Task A_follower_from_an_id_gets_every_entry_after_it()
    {
        var first = await _redis.XAddAsync("s", "i", 0);
        await _redis.XAddAsync("s", "i", 1);
        await using var byPattern = _redis.PSubAndXRangeAfterAsync("c*", "s", first).GetAsyncEnumerator();
        await using var byChannel = _redis.SubAndXRangeAfterAsync("c", "s", "0-0").GetAsyncEnumerator();
        Assert.Equal(["1"], await FollowerTests.TakeAsync(byPattern, 1));
        Assert.Equal(["0", "1"], await FollowerTests.TakeAsync(byChannel, 2));
        await _redis.XAddAndPublishAsync("c", "s", "i", 2);
        Assert.Equal(["2"], await FollowerTests.TakeAsync(byPattern, 1));
        Assert.Equal(["2"], await FollowerTests.TakeAsync(byChannel, 1));
        Assert.Throws<ArgumentException>(() => _redis.SubAndXRangeAfterAsync("c", "s", "none"));
    }

    [Fact]
    public async Task A_published_entry_has_its_id_and_an_entry_its_fields_by_name()
    {
        var published = await _redis.XAddAndPublishAsync("c", "s", "name", "Alice");
        Assert.Equal(0, published.Receivers);
        var entry = await _redis.XGetWithIdAsync("s", published.Id);
        Assert.Equal("Alice", entry!["name"]);
        Assert.Throws<KeyNotFoundException>(() => entry["none"]);
    }
}
