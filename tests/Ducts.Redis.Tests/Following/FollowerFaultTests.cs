using System.Globalization;

namespace Ducts.Redis.Tests;

public sealed class FollowerFaultTests
{
    private const int Entries = 100_000;
    private const int Faults = 20;
    private const int Followers = 50;
    private const int Writers = 20;

    /// <summary>
    /// Entries are numbered by Redis itself in the same step that adds them, so that a write whose outcome is unknown
    /// leaves no doubt: the stream has each number once, and so must every follower.
    /// </summary>
    private const string Add = """
        local n = redis.call('INCR', KEYS[2])
        local id = redis.call('XADD', KEYS[1], '*', 'i', n)
        redis.call('PUBLISH', ARGV[1], id)
        return n
        """;

    [Fact]
    public async Task No_entry_is_missed_or_seen_twice_through_twenty_faults()
    {
        await using var server = await RedisServer.StartPersistentAsync();
        await using var proxy = new CuttingProxy(server);
        await using var redis = await Clients.ConnectAsync(proxy.Uri, static options =>
        {
            options.SubscriberLimit = Entries * 2;
            options.ReconnectMaxPause = TimeSpan.FromMilliseconds(100);
        });
        using var stopping = new CancellationTokenSource();
        var seen = new List<string>[Followers];
        var target = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await redis.XAddAsync("s", "i", 0);
        var joined = 0;
        var following = Enumerable.Range(0, Followers).Select(f => Task.Run(async () =>
        {
            seen[f] = [];
            await foreach (var entry in redis.PSubAndXRangeAsync("c*", "s", lastCount: 1))
            {
                seen[f].Add(entry.Fields["i"]);
                if (seen[f].Count == 1)
                {
                    Interlocked.Increment(ref joined);
                }

                if (target.Task.IsCompletedSuccessfully && int.Parse(entry.Fields["i"], CultureInfo.InvariantCulture) >= await target.Task)
                {
                    return;
                }
            }
        })).ToArray();
        await Until.TrueAsync(() => Volatile.Read(ref joined) == Followers, "all follow");

        var acknowledged = 0;
        var started = 0;
        var writing = Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref started) <= Entries)
            {
                try
                {
                    await redis.EvalAsync(Add, ["s", "{s}n"], ["c1"]);
                    Interlocked.Increment(ref acknowledged);
                }
                catch (RedisUnavailableException exception)
                {
                    Assert.True(exception.IsOutcomeUnknown, exception.Message);
                }
            }
        })).ToArray();
        for (var fault = 0; fault < Faults; fault++)
        {
            var reached = Entries / (Faults + 1) * (fault + 1);
            await Until.TrueAsync(() => Volatile.Read(ref started) >= reached, "entries are written");
            await StrikeAsync(fault % 5, server, proxy);
        }

        await Task.WhenAll(writing);

        // A follower stops at the first entry that is not before the last one; one more comes behind it for those that
        // have seen the last one already.
        var last = (await redis.EvalAsync(Add, ["s", "{s}n"], ["c1"])).AsInt64();
        target.SetResult((int)last);
        var written = (await redis.XRangeAsync("s")).Select(static entry => entry.Fields["i"]).ToList();
        await redis.EvalAsync(Add, ["s", "{s}n"], ["c1"]);
        await Task.WhenAll(following);
        Assert.Equal(last + 1, written.Count);
        Assert.InRange(written.Count, acknowledged + 2, Entries + 2);
        foreach (var one in seen)
        {
            Assert.True(written.SequenceEqual(one.Take(written.Count)), "A follower saw something else than the stream has.");
        }

        await stopping.CancelAsync();
    }

    private static async Task StrikeAsync(int kind, RedisServer server, CuttingProxy proxy)
    {
        switch (kind)
        {
            case 0:
                await server.KillAsync();
                await server.LaunchAsync();
                break;
            case 1:
                // Somewhere in the middle of a reply or a push.
                proxy.CutAfter(Random.Shared.Next(1, 5000));
                break;
            case 2:
                await server.FreezeAsync();
                await Task.Delay(100);
                await server.ThawAsync();
                break;
            case 3:
                proxy.Refuse();
                await Task.Delay(50);
                proxy.Accept();
                break;
            default:
                // What Redis itself does when an output buffer is full.
                await server.CliAsync("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1 1 1");
                await server.CliAsync("CLIENT", "KILL", "TYPE", "pubsub");
                await server.CliAsync("CONFIG", "SET", "client-output-buffer-limit", "pubsub 33554432 8388608 60");
                break;
        }
    }
}
