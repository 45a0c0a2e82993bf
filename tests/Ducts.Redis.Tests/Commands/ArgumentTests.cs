using System.Text;

namespace Ducts.Redis.Tests;

public sealed class ArgumentTests : IAsyncLifetime
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
    public async Task Bytes_of_any_content_and_size_go_there_and_back()
    {
        var bytes = new byte[3_000_000];
        Random.Shared.NextBytes(bytes);
        await _redis.ExecuteAsync("SET", "big", bytes);
        Assert.True((await _redis.ExecuteAsync("GET", "big")).AsBytes().Span.SequenceEqual(bytes));
    }

    [Fact]
    public async Task A_list_of_objects_runs_as_arguments()
    {
        Assert.Equal("OK", (await _redis.ExecuteAsync("SET", new object?[] { "o", 1L })).AsString());
        Assert.Equal("1", (await _redis.ExecuteAsync("GET", new List<object?> { "o"u8.ToArray() })).AsString());
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.ExecuteAsync("SET", new object?[] { "o", null }));
    }

    [Theory]
    [InlineData("BLPOP", "k", "0")]
    [InlineData("blmove", "a", "b", "LEFT", "LEFT", "0")]
    [InlineData("XREAD", "block", "0", "STREAMS", "s", "$")]
    [InlineData("XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s", ">")]
    [InlineData("SUBSCRIBE", "c")]
    [InlineData("PSUBSCRIBE", "c")]
    [InlineData("MULTI")]
    [InlineData("WATCH", "k")]
    [InlineData("MONITOR")]
    [InlineData("SELECT", "1")]
    [InlineData("wait", "1", "0")]
    [InlineData("WaitAof", "1", "0", "0")]
    [InlineData("bzmpop", "0", "1", "k", "MIN")]
    [InlineData("xreadgroup", "group", "streams", "streams", "block", "0", "STREAMS", "s", ">")]
    [InlineData("CLIENT", "SETNAME", "mine")]
    [InlineData("client", "no-evict", "on")]
    [InlineData("client", "reply", "off")]
    [InlineData("SCRIPT", "debug", "YES")]
    [InlineData("HELLO", "2")]
    [InlineData("quit")]
    public async Task What_would_hold_up_the_shared_connection_is_refused(string command, params string[] arguments)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await _redis.ExecuteAsync(command, [.. arguments.Select(static text => (RedisArgument)text)]));
        Assert.Matches("OpenDedicatedAsync|in the URI", exception.Message);
    }

    [Fact]
    public async Task Groups_and_consumers_may_be_called_as_options_are()
    {
        await _redis.ExecuteAsync("XGROUP", "CREATE", "s", "BLOCK", "$", "MKSTREAM");
        Assert.True((await _redis.ExecuteAsync("XREADGROUP", "GROUP", "BLOCK", "block", "COUNT", 1, "STREAMS", "s", ">")).IsNull);
    }

    [Fact]
    public async Task Null_is_refused_wherever_it_comes()
    {
        string? none = null;
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.ExecuteAsync(none!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.ExecuteAsync("GET", none!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.ExecuteAsync("GET", (byte[])null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.ExecuteAsync("GET", [default(RedisArgument)], CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.ExecuteAsync("GET", (IReadOnlyList<object?>)null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.ExecuteStringAsync("GET", none!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.XAddAsync(none!, "a", 1));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.XAddAsync("s", "a", none!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.XAddAsync("s", (object)null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.XAddAndPublishAsync(none!, "s", "a", 1));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.XGetAsync("s", none!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.XLastAsync(none!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.XRangeAsync("s", none!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.HGetAllAsync(none!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.EvalAsync(none!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.EvalAsync("return 1", [none!]));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.SubscribeAsync(none!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.PSubscribeAsync(none!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.TransactionAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.BatchAsync(null!));
        Assert.Throws<ArgumentNullException>(() => _redis.PSubAndXRangeAsync(none!, "s"));
        Assert.Throws<ArgumentNullException>(() => _redis.PSubAndXRangeForEachIdAsync("c", none!));
        Assert.Throws<ArgumentNullException>(() => new RedisBatch().Add("GET", none!));
    }

    [Fact]
    public async Task Bools_are_sent_as_one_and_zero()
    {
        Assert.Equal<IEnumerable<string?>>(["1", "0", "1"], (await _redis.EvalAsync("return ARGV", [], [true, false, RedisArgument.From(true)])).AsStrings());
        await _redis.XAddAsync("s", new { Yes = true, No = false });
        Assert.Equal(["1", "0"], (await _redis.XLastAsync("s")).Values);
    }

    [Fact]
    public async Task A_stream_called_block_can_be_read() =>
        Assert.True((await _redis.ExecuteAsync("XREAD", "STREAMS", "BLOCK", "0")).IsNull);

    [Fact]
    public async Task Texts_outside_of_the_basic_plane_survive()
    {
        const string Text = "\U0001F986 \u00e4\u00f6\u00fc \0 \r\n";
        await _redis.ExecuteAsync("SET", Text, Text);
        Assert.Equal(Text, (await _redis.ExecuteAsync("GET", Text)).AsString());
        Assert.Equal(Encoding.UTF8.GetBytes(Text), (await _redis.ExecuteAsync("GET", Text)).AsBytes().ToArray());
    }
}
