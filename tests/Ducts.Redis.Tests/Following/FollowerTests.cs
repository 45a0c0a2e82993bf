using System.Globalization;
using System.Text.RegularExpressions;

namespace Ducts.Redis.Tests;

public sealed partial class FollowerTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private RedisClient _redis = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _redis = await _server.ConnectAsync(static options => options.SubscriberLimit = 500);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_follower_starts_with_the_newest_and_goes_on_with_what_comes()
    {
        for (var i = 0; i < 5; i++)
        {
            await _redis.XAddAsync("s", "i", i);
        }

        await using var follower = _redis.PSubAndXRangeAsync("c*", "s", lastCount: 3).GetAsyncEnumerator();
        Assert.Equal(["2", "3", "4"], await TakeAsync(follower, 3));
        await _redis.XAddAndPublishAsync("c1", "s", "i", 5);
        await _redis.XAddAndPublishAsync("c2", "s", "i", 6);
        Assert.Equal(["5", "6"], await TakeAsync(follower, 2));
    }

    [Fact]
    public async Task Without_newest_it_starts_after_the_end_at_the_time_of_the_call()
    {
        await _redis.XAddAsync("s", "i", "before");
        var sequence = _redis.PSubAndXRangeAsync("c", "s");

        // The reading begins later than the call; what is added in between counts.
        await _redis.PingAsync();
        await _redis.XAddAsync("s", "i", "between");
        await using var follower = sequence.GetAsyncEnumerator();
        Assert.Equal(["between"], await TakeAsync(follower, 1));
        await _redis.XAddAndPublishAsync("c", "s", "i", "after");
        Assert.Equal(["after"], await TakeAsync(follower, 1));
    }

    [Fact]
    public async Task A_stream_that_does_not_exist_yet_is_followed_from_its_first_entry()
    {
        await using var follower = _redis.PSubAndXRangeAsync("c", "new", lastCount: 5).GetAsyncEnumerator();
        var first = follower.MoveNextAsync();
        await Until.TrueAsync(async () => (await _redis.XAddAndPublishAsync("c", "new", "i", 0)).Receivers == 1, "the follower follows");
        Assert.True(await first);
    }

    [Fact]
    public async Task Entries_of_one_millisecond_are_each_seen()
    {
        await using var follower = _redis.PSubAndXRangeAsync("c", "s").GetAsyncEnumerator();
        var reading = TakeAsync(follower, 1000);
        await JoinedAsync("c", 1);
        const string Burst = "for i = 1, 100 do redis.call('XADD', KEYS[1], '*', 'i', ARGV[1] * 100 + i - 1) end redis.call('PUBLISH', 'c', 'x')";
        for (var i = 0; i < 10; i++)
        {
            await _redis.EvalAsync(Burst, ["s"], [i]);
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(static i => i.ToString(CultureInfo.InvariantCulture)), await reading);
    }

    [Fact]
    public async Task Ten_thousand_followers_share_one_subscription_one_read_per_entry_and_the_entry()
    {
        const int Followers = 10_000;
        const int Entries = 5;
        using var stopping = new CancellationTokenSource();
        var seen = new RedisStreamEntry[Followers][];
        var joined = 0;
        await _redis.XAddAsync("s", "i", "first");
        var following = Enumerable.Range(0, Followers).Select(async f =>
        {
            seen[f] = new RedisStreamEntry[Entries];
            var count = -1;
            await foreach (var entry in _redis.PSubAndXRangeAsync("c*", "s", lastCount: 1, stopping.Token))
            {
                if (count < 0)
                {
                    Interlocked.Increment(ref joined);
                }
                else
                {
                    seen[f][count] = entry;
                }

                if (++count == Entries)
                {
                    return;
                }
            }
        }).ToArray();
        await Until.TrueAsync(() => Volatile.Read(ref joined) == Followers, "all follow");
        Assert.Equal("1", await _server.CliAsync("PUBSUB", "NUMPAT"));
        await _redis.PingAsync();
        await Until.TrueAsync(async () => await CallsAsync("xrange") >= Followers, "all have caught up");
        var (reads, subscriptions) = (await CallsAsync("xrange"), await CallsAsync("psubscribe"));
        for (var i = 0; i < Entries; i++)
        {
            await _redis.XAddAndPublishAsync("c1", "s", "i", i);
        }

        await Task.WhenAll(following);
        Assert.InRange(await CallsAsync("xrange") - reads, 1, Entries);
        Assert.Equal(1, subscriptions);
        for (var i = 0; i < Entries; i++)
        {
            Assert.Equal(i.ToString(CultureInfo.InvariantCulture), seen[0][i].Fields["i"]);
            Assert.All(seen, entries => Assert.Same(seen[0][i], entries[i]));
        }

        await Until.TrueAsync(async () => await _server.CliAsync("PUBSUB", "NUMPAT") == "0", "the subscription follows the last one's leaving");
    }

    [Fact]
    public async Task A_follower_that_is_too_slow_gets_its_exception_and_others_go_on()
    {
        await using var slow = _redis.PSubAndXRangeAsync("c", "s", lastCount: 1).GetAsyncEnumerator();
        await using var quick = _redis.PSubAndXRangeAsync("c", "s", lastCount: 1).GetAsyncEnumerator();
        await _redis.XAddAsync("s", "i", -1);
        Assert.Equal(["-1"], await TakeAsync(slow, 1));
        Assert.Equal(["-1"], await TakeAsync(quick, 1));
        for (var i = 0; i < 2000; i++)
        {
            await _redis.XAddAndPublishAsync("c", "s", "i", i);
            Assert.Equal([i.ToString(CultureInfo.InvariantCulture)], await TakeAsync(quick, 1));
        }

        await Assert.ThrowsAsync<RedisSubscriberLimitException>(() => TakeAsync(slow, 2000));
    }

    [Fact]
    public async Task Followers_by_id_get_the_entry_each_message_names()
    {
        var earlier = await _redis.XAddAsync("s", "i", "earlier");
        await using var follower = _redis.PSubAndXRangeForEachIdAsync("c*", "s").GetAsyncEnumerator();
        var reading = TakeAsync(follower, 4);
        await JoinedAsync("c", 1);
        await _redis.XAddAndPublishAsync("c1", "s", "i", 1);
        await _redis.ExecuteAsync("PUBLISH", "c2", "no id");
        await _redis.ExecuteAsync("PUBLISH", "c2", "99-99");
        await _redis.ExecuteAsync("PUBLISH", "c2", earlier);
        await _redis.XAddAsync("s", "i", "silent");
        await _redis.XAddAndPublishAsync("c2", "s", "i", 2);
        await _redis.ExecuteAsync("PUBLISH", "c2", earlier);
        Assert.Equal(["1", "earlier", "2", "earlier"], await reading);
    }

    [Fact]
    public async Task Followers_by_id_are_given_what_came_while_the_connection_was_lost_once()
    {
        await using var proxy = new CuttingProxy(_server);
        await using var redis = await Clients.ConnectAsync(proxy.Uri);
        await using var follower = redis.PSubAndXRangeForEachIdAsync("c", "s").GetAsyncEnumerator();
        var reading = TakeAsync(follower, 30);
        await JoinedAsync("c", 1);
        for (var i = 0; i < 30; i++)
        {
            if (i == 10)
            {
                proxy.Refuse();
            }

            if (i == 20)
            {
                proxy.Accept();
                await Until.TrueAsync(async () => await _server.CliAsync("PUBSUB", "NUMPAT") == "1", "the subscription is back");
            }

            await _redis.XAddAndPublishAsync("c", "s", "i", i);
        }

        Assert.Equal(Enumerable.Range(0, 30).Select(static i => i.ToString(CultureInfo.InvariantCulture)), await reading);
    }

    [Fact]
    public async Task Followers_by_id_are_given_an_entry_once_although_the_connection_was_lost_twice()
    {
        await using var follower = _redis.PSubAndXRangeForEachIdAsync("c", "s").GetAsyncEnumerator();
        var reading = TakeAsync(follower, 1);
        await JoinedAsync("c", 1);
        var id = await _redis.XAddAsync("s", "i", "added meanwhile");
        _redis.Feeds.CatchUp();
        Assert.Equal(["added meanwhile"], await reading);
        _redis.Feeds.CatchUp();
        await _redis.ExecuteAsync("PUBLISH", "c", id);
        await _redis.XAddAndPublishAsync("c", "s", "i", "new");
        Assert.Equal(["new"], await TakeAsync(follower, 1));
    }

    [Fact]
    public async Task A_connection_lost_while_a_follower_catches_up_costs_it_nothing()
    {
        const int Entries = 2000;
        await using var proxy = new CuttingProxy(_server);
        await using var redis = await Clients.ConnectAsync(proxy.Uri);
        var sequence = redis.PSubAndXRangeAsync("c", "s");
        await redis.PingAsync();
        await _redis.BatchAsync(Enumerable.Range(0, Entries).Aggregate(new RedisBatch(), static (batch, i) => batch.Add("XADD", "s", "*", "i", i)));
        await using var follower = sequence.GetAsyncEnumerator();
        var seen = await TakeAsync(follower, 10);
        proxy.CutAfter(5000);
        seen.AddRange(await TakeAsync(follower, Entries - 10));
        Assert.Equal(1, proxy.Cuts);
        Assert.Equal(Enumerable.Range(0, Entries).Select(static i => i.ToString(CultureInfo.InvariantCulture)), seen);
    }

    [Fact]
    public async Task What_is_no_stream_is_the_followers_exception()
    {
        await _redis.ExecuteAsync("SET", "text", "x");
        await using var follower = _redis.PSubAndXRangeAsync("c", "text").GetAsyncEnumerator();
        Assert.Equal("WRONGTYPE", (await Assert.ThrowsAsync<RedisErrorException>(async () => await follower.MoveNextAsync())).Code);
    }

    [Fact]
    public async Task A_cancelled_follower_ends_and_leaves()
    {
        using var source = new CancellationTokenSource();
        await using (var follower = _redis.PSubAndXRangeAsync("c", "s", 0, source.Token).GetAsyncEnumerator())
        {
            var next = follower.MoveNextAsync();
            await JoinedAsync("c", 1);
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        }

        await Until.TrueAsync(async () => await _server.CliAsync("PUBSUB", "NUMPAT") == "0", "the subscription is gone");
    }

    [Fact]
    public async Task Followers_end_when_the_client_is_disposed_of()
    {
        var redis = await _server.ConnectAsync();
        await using var follower = redis.PSubAndXRangeAsync("c", "s").GetAsyncEnumerator();
        var next = follower.MoveNextAsync();
        await JoinedAsync("c", 1);
        await redis.DisposeAsync();
        Assert.False(await next);
    }

    internal static async Task<List<string>> TakeAsync(IAsyncEnumerator<RedisStreamEntry> follower, int count)
    {
        var values = new List<string>();
        while (values.Count < count && await follower.MoveNextAsync())
        {
            values.Add(follower.Current.Fields["i"]);
        }

        return values;
    }

    [GeneratedRegex(":calls=(\\d+)")]
    private static partial Regex Calls();

    /// <summary>Waits until Redis knows the pattern and the feed has read its place in the stream, and all catching up is done.</summary>
    private async Task JoinedAsync(string channel, int receivers)
    {
        await Until.TrueAsync(async () => (await _redis.ExecuteAsync("PUBLISH", channel, "0-0")).AsInt64() == receivers, "the follower is subscribed");
        await Task.Delay(200);
    }

    private async Task<long> CallsAsync(string command)
    {
        var line = (await _server.CliAsync("INFO", "commandstats")).Split('\n').FirstOrDefault(line => line.StartsWith($"cmdstat_{command}:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(Calls().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);
    }
}
