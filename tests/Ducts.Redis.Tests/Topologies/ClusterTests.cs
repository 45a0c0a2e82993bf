using System.Globalization;

namespace Ducts.Redis.Tests;

public sealed class ClusterTests : IAsyncLifetime
{
    private RedisCluster _cluster = null!;
    private RedisClient _redis = null!;

    private List<RedisServer> Servers => _cluster.Masters;

    public async ValueTask InitializeAsync()
    {
        _cluster = await RedisCluster.StartAsync();
        _redis = await Clients.ConnectAsync(_cluster.Uri);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_subscription_that_begins_while_nodes_are_connected_to_is_at_one_node_and_gets_each_message_once()
    {
        for (var round = 0; round < 8; round++)
        {
            await using var redis = await Clients.ConnectAsync(_cluster.Uri);
            await using var subscription = await redis.SubscribeAsync($"news{round}");
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => redis.ExecuteAsync("SET", $"k{i}", i).AsTask()));
            for (var i = 0; i < 5; i++)
            {
                await _redis.ExecuteAsync("PUBLISH", $"news{round}", i);
            }

            await Until.TrueAsync(() => subscription.Waiting >= 5, "the messages are there");
            await _redis.ExecuteAsync("PUBLISH", $"news{round}", "last");
            var messages = new List<string>();
            while (messages.LastOrDefault() != "last")
            {
                messages.Add((await SubscriptionTests.TakeAsync(subscription, 1))[0].Payload);
            }

            // They were published at several nodes, whose messages have no order among them.
            Assert.Equal(["0", "1", "2", "3", "4", "last"], messages.Order(StringComparer.Ordinal));
            var nodes = 0;
            foreach (var server in Servers)
            {
                nodes += (await server.CliAsync("PUBSUB", "CHANNELS", $"news{round}")).Length > 0 ? 1 : 0;
            }

            Assert.Equal(1, nodes);
        }
    }

    [Fact]
    public async Task Commands_go_to_the_node_of_their_key()
    {
        Assert.True(_redis.IsConnected);
        for (var i = 0; i < 300; i++)
        {
            await _redis.ExecuteAsync("SET", $"key:{i}", i);
        }

        foreach (var server in Servers)
        {
            Assert.InRange(int.Parse(await server.CliAsync("DBSIZE"), CultureInfo.InvariantCulture), 50, 200);
        }

        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(i, (await _redis.ExecuteAsync("GET", $"key:{i}")).AsInt64());
        }

        var keys = new HashSet<string>();
        await foreach (var key in _redis.ScanAsync("key:*"))
        {
            Assert.True(keys.Add(key));
        }

        Assert.Equal(300, keys.Count);
        var batch = Enumerable.Range(0, 300).Aggregate(new RedisBatch(), static (batch, i) => batch.Add("GET", $"key:{i}"));
        Assert.Equal(Enumerable.Range(0, 300).Select(static i => (long)i), (await _redis.BatchAsync(batch)).Select(static reply => reply.AsInt64()));
    }

    [Fact]
    public async Task Keys_of_different_slots_in_one_command_are_the_error_of_Redis()
    {
        Assert.Equal("CROSSSLOT", (await Assert.ThrowsAsync<RedisErrorException>(async () => await _redis.ExecuteAsync("MGET", "a", "b"))).Code);
        Assert.Equal(2, (await _redis.ExecuteAsync("MGET", "{t}a", "{t}b")).Count);
    }

    [Fact]
    public async Task Scripts_streams_transactions_and_followers_work()
    {
        foreach (var stream in new[] { "s1", "s2", "s3", "s4" })
        {
            await using var follower = _redis.PSubAndXRangeAsync("c*", stream, lastCount: 1).GetAsyncEnumerator();
            await _redis.XAddAsync(stream, "i", 0);
            Assert.Equal(["0"], await FollowerTests.TakeAsync(follower, 1));
            await _redis.XAddAndPublishAsync("c1", stream, "i", 1);
            Assert.Equal(["1"], await FollowerTests.TakeAsync(follower, 1));
            var replies = await _redis.TransactionAsync(new RedisBatch().Add("SET", $"{{{stream}}}a", 1).Add("INCR", $"{{{stream}}}a"));
            Assert.Equal(2, replies[1].AsInt64());
            Assert.Equal(stream, (await _redis.EvalAsync("return KEYS[1]", [stream])).AsString());
            await using var own = await _redis.OpenDedicatedAsync(stream);
            Assert.True((await own.ExecuteAsync("XREAD", "BLOCK", 1, "STREAMS", stream, "$")).IsNull);
        }
    }

    [Fact]
    public async Task Adding_and_publishing_is_one_command_whatever_the_slots_of_stream_and_channel()
    {
        foreach (var server in Servers)
        {
            // Announced by each master in turn, to a subscriber at one of them.
            var stream = _cluster.TagOf(server);
            var channel = "news" + stream.Length;
            Assert.NotEqual(ClusterSlot.Of(stream), ClusterSlot.Of(channel));
            await using var subscription = await _redis.SubscribeAsync(channel);
            await _redis.XAddAndPublishAsync(channel, stream, "i", 1);
            var message = (await SubscriptionTests.TakeAsync(subscription, 1))[0];
            Assert.Equal("1", (await _redis.XGetAsync(stream, message.Payload))["i"]);
            Assert.Contains("cmdstat_eval:calls=1,", await server.CliAsync("INFO", "commandstats"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_batch_of_which_a_part_was_carried_out_has_an_unknown_outcome()
    {
        await using var redis = await Clients.ConnectAsync(_cluster.Uri, static options => options.CommandTimeout = TimeSpan.FromSeconds(2));
        var (there, gone) = (_cluster.TagOf(Servers[0]), _cluster.TagOf(Servers[1]));
        await Servers[1].KillAsync();
        await Until.TrueAsync(() => !redis.IsConnected, "the client knows that a node is lost");
        var exception = await Assert.ThrowsAsync<RedisUnavailableException>(
            async () => await redis.BatchAsync(new RedisBatch().Add("SET", gone, 1).Add("SET", there, 1)));
        Assert.True(exception.IsOutcomeUnknown, exception.Message);
        Assert.Equal("1", await Servers[0].CliAsync("GET", there));
        exception = await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.BatchAsync(new RedisBatch().Add("SET", gone, 1).Add("GET", gone)));
        Assert.False(exception.IsOutcomeUnknown, exception.Message);
    }

    [Fact]
    public async Task A_command_for_a_lost_node_that_comes_back_when_its_time_is_up_was_not_sent()
    {
        var gone = _cluster.TagOf(Servers[1]);
        await Servers[1].KillAsync();
        await Until.TrueAsync(() => _redis.Link!.IsOwnerLost(gone), "the client knows that the node is lost");
        var exception = await Assert.ThrowsAsync<RedisUnavailableException>(
            () => _redis.Send("GET", [gone], default, static reply => reply, CancellationToken.None, deadline: 1).AsTask());
        Assert.False(exception.IsOutcomeUnknown, exception.Message);
    }

    [Fact]
    public async Task A_command_that_is_refused_for_the_moment_ends_in_time_although_the_map_is_not_to_be_had()
    {
        await using var redis = await Clients.ConnectAsync(_cluster.Uri, static options => options.CommandTimeout = TimeSpan.FromSeconds(2));
        await Servers[1].KillAsync();
        await Until.TrueAsync(() => !redis.IsConnected, "the client knows that a node is lost");

        // Asked for the map, this one says nothing until the time for connecting is up.
        await Servers[0].FreezeAsync();
        await Until.TrueAsync(
            async () => (await Servers[2].CliAsync("CLUSTER", "INFO")).Contains("cluster_state:fail", StringComparison.Ordinal), "the cluster is down");
        var exception = await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.ExecuteAsync("INCR", _cluster.TagOf(Servers[2])));
        Assert.False(exception.IsOutcomeUnknown, exception.Message);

        // So does one whose time is up when the refusal comes, unless the client looks at the time before.
        await Until.TrueAsync(
            async () =>
            {
                exception = await Assert.ThrowsAsync<RedisUnavailableException>(
                    () => redis.Send("INCR", [_cluster.TagOf(Servers[2])], default, static reply => reply, CancellationToken.None, deadline: 1).AsTask());
                return exception.Message.Contains("CLUSTERDOWN", StringComparison.Ordinal);
            },
            "a refusal came after the command's time");
        Assert.False(exception.IsOutcomeUnknown, exception.Message);
    }

    [Fact]
    public async Task A_slot_that_migrates_under_load_loses_and_doubles_nothing()
    {
        const string Tag = "{moving}";
        const int Keys = 200;
        var slot = ClusterSlot.Of(Tag);
        var from = _cluster.MasterOf(Tag);
        var to = Servers[(Servers.IndexOf(from) + 1) % Servers.Count];
        using var stopping = new CancellationTokenSource();
        var counts = new long[Keys];
        var batches = 0L;
        var writing = Enumerable.Range(0, 10).Select(w => Task.Run(async () =>
        {
            for (var i = w; !stopping.IsCancellationRequested; i = (i + 10) % Keys)
            {
                await _redis.ExecuteAsync("INCR", $"{Tag}{i}");
                counts[i]++;
                await _redis.TransactionAsync(new RedisBatch().Add("INCR", $"{Tag}t").Add("INCR", $"{Tag}t"));
                Interlocked.Increment(ref batches);
            }
        })).ToArray();
        await Until.TrueAsync(() => Interlocked.Read(ref batches) > 300, "commands are carried out");

        var fromId = await from.CliAsync("CLUSTER", "MYID");
        var toId = await to.CliAsync("CLUSTER", "MYID");
        Assert.Equal("OK", await to.CliAsync("CLUSTER", "SETSLOT", $"{slot}", "IMPORTING", fromId));
        Assert.Equal("OK", await from.CliAsync("CLUSTER", "SETSLOT", $"{slot}", "MIGRATING", toId));
        string keys;
        while ((keys = await from.CliAsync("CLUSTER", "GETKEYSINSLOT", $"{slot}", "20")).Length > 0)
        {
            Assert.Equal("OK", await from.CliAsync(["MIGRATE", "127.0.0.1", $"{to.Port}", "", "0", "5000", "KEYS", .. keys.Split('\n')]));
        }

        foreach (var server in (RedisServer[])[to, from, Servers.Single(other => other != to && other != from)])
        {
            Assert.Equal("OK", await server.CliAsync("CLUSTER", "SETSLOT", $"{slot}", "NODE", toId));
        }

        var before = Interlocked.Read(ref batches);
        await Until.TrueAsync(() => Interlocked.Read(ref batches) > before + 300, "commands go on");
        await stopping.CancelAsync();
        await Task.WhenAll(writing);
        for (var i = 0; i < Keys; i++)
        {
            Assert.Equal(counts[i], (await _redis.ExecuteAsync("GET", $"{Tag}{i}")).AsString() is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0);
        }

        Assert.Equal(batches * 2, (await _redis.ExecuteAsync("GET", $"{Tag}t")).AsInt64());
        Assert.Equal("0", await from.CliAsync("CLUSTER", "COUNTKEYSINSLOT", $"{slot}"));
    }

    [Fact]
    public async Task A_single_seed_is_enough_and_a_server_that_is_no_cluster_says_so()
    {
        await using (var redis = await Clients.ConnectAsync($"redis://127.0.0.1:{Servers[0].Port}?cluster=true"))
        {
            await redis.ExecuteAsync("SET", "one", 1);
            await redis.ExecuteAsync("SET", "two", 2);
            await redis.ExecuteAsync("SET", "three", 3);
        }

        await using var plain = await RedisServer.StartAsync(RedisServer.FreePort());
        await Assert.ThrowsAsync<RedisUnavailableException>(() => Clients.ConnectAsync($"{plain.TcpUri}?cluster=true"));
    }
}
