using System.Collections.Concurrent;
using System.Globalization;

namespace Ducts.Redis.Tests;

public sealed class ClusterFailoverTests : IAsyncLifetime
{
    private const int Followers = 10;
    private const int Writers = 6;

    private const string Add = """
        local id = redis.call('XADD', KEYS[1], '*', 'i', ARGV[2])
        redis.call('PUBLISH', ARGV[1], id)
        return id
        """;

    private RedisCluster _cluster = null!;
    private RedisClient _redis = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await RedisCluster.StartAsync(withReplicas: true, nodeTimeout: "2000");
        _redis = await Clients.ConnectAsync(_cluster.Uri);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    /// <summary>
    /// Redis replicates after it has acknowledged, so that a master may take what it acknowledged last with it. What counts
    /// is what the replica has confirmed (WAIT), and what is in the stream in the end.
    /// </summary>
    [Fact]
    public async Task A_failover_under_load_loses_nothing_that_was_replicated_and_tells_true_outcomes()
    {
        await using var subscription = await _redis.SubscribeAsync("news");
        var seen = new ConcurrentQueue<string>[Followers];
        using var following = new CancellationTokenSource();

        // The master that is lost has the stream and the subscriptions.
        RedisServer? victim = null;
        foreach (var master in _cluster.Masters)
        {
            victim = (await master.CliAsync("CLIENT", "LIST", "TYPE", "pubsub")).Contains("name=ducts", StringComparison.Ordinal) ? master : victim;
        }

        Assert.NotNull(victim);
        var tag = _cluster.TagOf(victim);
        await _redis.XAddAsync($"{tag}s", "i", "first");
        var joined = 0;
        var followers = Enumerable.Range(0, Followers).Select(f => Task.Run(async () =>
        {
            seen[f] = [];
            await foreach (var entry in _redis.PSubAndXRangeAsync("c*", $"{tag}s", lastCount: 1, following.Token))
            {
                seen[f].Enqueue($"{entry.Id} {entry.Fields["i"]}");
                if (seen[f].Count == 1)
                {
                    Interlocked.Increment(ref joined);
                }
            }
        })).ToArray();
        await Until.TrueAsync(() => Volatile.Read(ref joined) == Followers, "all follow");

        using var stopping = new CancellationTokenSource();
        var outcomes = new Outcomes();
        var elsewhere = 0L;
        var other = _cluster.TagOf(_cluster.Masters.First(master => master != victim));
        Task[] writing =
        [
            .. Enumerable.Range(0, Writers).Select(w => Task.Run(() => WriteAsync($"shared{w}", tag, outcomes, stopping.Token))),
            .. Enumerable.Range(0, Writers).Select(w => Task.Run(() => WriteConfirmedAsync($"own{w}", tag, outcomes, stopping.Token))),
            Task.Run(async () =>
            {
                while (!stopping.IsCancellationRequested)
                {
                    await _redis.ExecuteAsync("INCR", $"{other}n");
                    Interlocked.Increment(ref elsewhere);
                }
            }),
        ];
        await Until.TrueAsync(() => outcomes.Confirmed.Count > 200 && outcomes.Acknowledged.Count > 500, "entries are written");

        await victim.KillAsync();
        var replica = _cluster.Replicas[_cluster.Masters.IndexOf(victim)];
        await Until.TrueAsync(
            async () => (await replica.CliAsync("INFO", "replication")).Contains("role:master", StringComparison.Ordinal), "the replica is the master");
        var (acknowledged, others) = (outcomes.Acknowledged.Count, Interlocked.Read(ref elsewhere));
        await Until.TrueAsync(
            () => outcomes.Acknowledged.Count > acknowledged + 500 && Interlocked.Read(ref elsewhere) > others + 100, "commands are carried out");
        await stopping.CancelAsync();
        await Task.WhenAll(writing);

        await Until.TrueAsync(async () => (await _redis.ExecuteAsync("PUBLISH", "news", "back")) is { IsError: false } && subscription.Waiting > 0, "the subscription is back");
        Assert.Equal("back", (await SubscriptionTests.TakeAsync(subscription, 1))[0].Payload);
        Assert.Equal(elsewhere, (await _redis.ExecuteAsync("GET", $"{other}n")).AsInt64());

        await _redis.XAddAndPublishAsync("c1", $"{tag}s", "i", "last");
        var stream = (await _redis.XRangeAsync($"{tag}s")).Select(static entry => $"{entry.Id} {entry.Fields["i"]}").ToList();
        await Until.TrueAsync(() => seen.All(one => one.Contains(stream[^1])), "all followers have the last entry");
        await following.CancelAsync();
        foreach (var follower in followers)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => follower);
        }

        var survived = stream.ToHashSet();
        foreach (var one in seen)
        {
            Assert.Equal(one.Count, one.Distinct().Count());
            Assert.True(stream.SequenceEqual(one.Where(survived.Contains)), "A follower saw something else than the stream has.");
        }

        var values = stream.Select(static line => line.Split(' ')[1]).ToList();
        Assert.Equal(values.Count, values.Distinct().Count());
        Assert.Empty(outcomes.Confirmed.Except(values));
        Assert.Empty(outcomes.NotSent.Intersect(values));
        Assert.Empty(values.Except(["first", "last", .. outcomes.Acknowledged, .. outcomes.Confirmed, .. outcomes.Unknown]));
    }

    [Fact]
    public async Task What_was_not_announced_by_a_lost_master_is_read_from_its_successor()
    {
        // The subscription is at another node, and stays.
        await using var subscription = await _redis.SubscribeAsync("news");
        RedisServer? victim = null;
        foreach (var master in _cluster.Masters)
        {
            victim = (await master.CliAsync("CLIENT", "LIST", "TYPE", "pubsub")).Contains("name=ducts", StringComparison.Ordinal) ? victim : master;
        }

        // Where every master has it, any one may be lost.
        victim ??= _cluster.Masters[^1];
        var stream = _cluster.TagOf(victim);
        await _redis.XAddAsync(stream, "i", "first");
        await using var follower = _redis.PSubAndXRangeAsync("c*", stream, lastCount: 1).GetAsyncEnumerator();
        Assert.Equal(["first"], await FollowerTests.TakeAsync(follower, 1));
        var next = FollowerTests.TakeAsync(follower, 1);

        // The master is lost between adding the entry and passing its announcement on.
        await using (var own = await _redis.OpenDedicatedAsync(stream))
        {
            await own.ExecuteAsync("XADD", stream, "*", "i", "silent");
            Assert.Equal(1, (await own.ExecuteAsync("WAIT", 1, 0)).AsInt64());
        }

        Assert.False(next.IsCompleted);
        await victim.KillAsync();
        Assert.Equal(["silent"], await next);
    }

    private async Task WriteAsync(string name, string tag, Outcomes outcomes, CancellationToken stopping)
    {
        for (var i = 0; !stopping.IsCancellationRequested; i++)
        {
            var value = string.Create(CultureInfo.InvariantCulture, $"{name}.{i}");
            try
            {
                await _redis.EvalAsync(Add, [$"{tag}s"], ["c1", value], CancellationToken.None);
                outcomes.Acknowledged.Enqueue(value);
            }
            catch (RedisUnavailableException exception)
            {
                outcomes.Add(exception, value);
            }
        }
    }

    private async Task WriteConfirmedAsync(string name, string tag, Outcomes outcomes, CancellationToken stopping)
    {
        for (var i = 0; !stopping.IsCancellationRequested; i++)
        {
            try
            {
                await using var own = await _redis.OpenDedicatedAsync($"{tag}s", CancellationToken.None);
                for (; !stopping.IsCancellationRequested; i++)
                {
                    var value = string.Create(CultureInfo.InvariantCulture, $"{name}.{i}");
                    var isAcknowledged = false;
                    try
                    {
                        await own.ExecuteAsync("EVAL", [Add, 1, $"{tag}s", "c1", value], CancellationToken.None);
                        outcomes.Acknowledged.Enqueue(value);
                        isAcknowledged = true;
                        if ((await own.ExecuteAsync("WAIT", [1, 100], CancellationToken.None)).AsInt64() > 0)
                        {
                            outcomes.Confirmed.Enqueue(value);
                        }
                    }
                    catch (RedisClientException exception)
                    {
                        // Of the entry, not of WAIT.
                        if (!isAcknowledged)
                        {
                            outcomes.Add(exception, value);
                        }

                        throw;
                    }
                }
            }
            catch (RedisClientException exception) when (exception is RedisUnavailableException or RedisErrorException { Code: "MOVED" or "CLUSTERDOWN" })
            {
                // The node is not there, or is the key's no longer; the next one is, some time.
                i++;
            }
        }
    }

    private sealed class Outcomes
    {
        public ConcurrentQueue<string> Acknowledged { get; } = [];

        public ConcurrentQueue<string> Confirmed { get; } = [];

        public ConcurrentQueue<string> Unknown { get; } = [];

        public ConcurrentQueue<string> NotSent { get; } = [];

        public void Add(RedisClientException exception, string value) =>
            (exception is RedisUnavailableException { IsOutcomeUnknown: true } ? Unknown : NotSent).Enqueue(value);
    }
}
