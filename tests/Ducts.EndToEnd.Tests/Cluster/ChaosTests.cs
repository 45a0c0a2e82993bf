using System.Collections.Concurrent;
using System.Text.Json;
using Ducts.Client;
using Ducts.EndToEnd.Clients;
using Ducts.EndToEnd.Processes;
using Ducts.Tests.Support;

namespace Ducts.EndToEnd.Cluster;

/// <summary>
/// Whatever becomes of the nodes of a cluster: no request runs twice, each call ends once, and with an error only where its session began
/// anew, streams and pushes have no gap within a life, and hooks run once.
/// </summary>
public sealed class ChaosTests
{
    private const string Visitor = "visitor";

    private static readonly TimeSpan NodeTtl = TimeSpan.FromSeconds(2);

    // Longer than any client is away, so that sessions end by their clients, or because nobody comes back.
    private static readonly TimeSpan ReconnectTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<string> _story = new();
    private readonly ConcurrentDictionary<int, long> _killed = new();
    private readonly ConcurrentDictionary<int, byte> _stopped = new();
    private long _began;

    [Fact]
    public async Task Whatever_becomes_of_nodes_nothing_is_done_twice_and_what_is_lost_is_named()
    {
        await TypeScriptClient.Built.Value;
        var chaos = Chaos.FromEnvironment();
        await using var cluster = await TestCluster.StartAsync(3, NodeTtl, ReconnectTimeout);
        try
        {
            await RunAsync(cluster, chaos);
        }
        catch (Exception exception)
        {
            var logs = string.Join('\n', cluster.Nodes.Select(static node => $"-- {node.Name}\n{node.Log[^Math.Min(node.Log.Length, 6000)..]}"));
            throw new InvalidOperationException($"DUCTS_TEST_SEED={chaos.Seed} {exception.Message}\n{string.Join('\n', _story)}\n{logs}", exception);
        }
    }

    private async Task RunAsync(TestCluster cluster, Chaos chaos)
    {
        await using var proxy = new FaultProxy(cluster.Port, FaultPlan.None);
        using var over = new CancellationTokenSource();
        cluster.Folder.Patience = TimeSpan.FromSeconds(chaos.Seconds) + (1.5 * Until.Patience);
        var file = cluster.Folder.PathOf("over");
        var scripts = cluster.Folder.RunAsync(
            RequiredProgram.Node,
            [Repository.OwnPath("node/chaos.mjs"), $"http://127.0.0.1:{proxy.Port}/", $"{chaos.Seed}", file, .. Enumerable.Range(0, chaos.Clients).Select(static i => $"js{i}")]);
        var clients = Enumerable.Range(0, chaos.Clients).Select(i => new ChaosClient($"net{i}", proxy.Port, new Random(chaos.Seed + i), over.Token).RunAsync()).ToArray();
        var visitors = VisitAsync(proxy.Port, over.Token);
        await Until.TrueAsync(() => OwnersAsync(cluster).GetAwaiter().GetResult().Clients > 2 * chaos.Clients, () => "calls of all clients, and of a visitor");

        try
        {
            await DisturbAsync(cluster, proxy, chaos);
        }
        finally
        {
            await File.WriteAllTextAsync(file, "");
            await over.CancelAsync();
        }

        var script = await scripts;
        Assert.True(script.ExitCode == 0, $"{script}");
        ChaosResult[] results = [.. JsonSerializer.Deserialize<ChaosResult[]>(script.Output, JsonSerializerOptions.Web)!, .. await Task.WhenAll(clients).WaitAsync(Until.Patience)];
        var visits = await visitors.WaitAsync(Until.Patience);

        None(results.SelectMany(static result => result.Wrong.Select(wrong => $"{result.Name}: {wrong}")));
        Assert.True(results.Sum(static result => result.Begun) > 0, "No session began anew, though nodes with sessions died.");
        await CheckRunsAsync(cluster, results);
        var sessions = await CheckHooksAsync(cluster);
        CheckPlaces(cluster, results, sessions);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"seed {chaos.Seed}: {results.Length} clients, {visits} visitors, {sessions.Count} sessions; {results.Sum(static r => r.Answered.Length)} calls answered, "
            + $"{results.Sum(static r => r.Failed.Length)} failed, {results.Sum(static r => r.Items)} items, {results.Sum(static r => r.Pushes)} pushes, begun anew {results.Sum(static r => r.Begun)} times\n"
            + string.Join('\n', _story));
    }

    // One at a time, each at least once.
    private async Task DisturbAsync(TestCluster cluster, FaultProxy proxy, Chaos chaos)
    {
        var random = new Random(chaos.Seed);
        Disturbance[] all = [Disturbance.Kill, Disturbance.Stop, Disturbance.Cut];
        random.Shuffle(all);
        var clock = TimeProvider.System;
        _began = clock.GetTimestamp();
        await Task.Delay(1000);
        for (var i = 0; i < all.Length || clock.GetElapsedTime(_began) < TimeSpan.FromSeconds(chaos.Seconds); i++)
        {
            // One that has sessions.
            var (owners, _) = await OwnersAsync(cluster);
            var node = owners[random.Next(owners.Length)];
            var pid = node.Pid;
            var kind = i < all.Length ? all[i] : all[random.Next(all.Length)];
            Tell($"{kind}{(kind == Disturbance.Cut ? "" : $" {node.Name}, process {pid}")}");
            switch (kind)
            {
                case Disturbance.Kill:
                    node.Program.Signal("KILL");
                    await node.Program.EndedAsync();
                    _killed[pid] = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                    await Task.Delay(random.Next(3000));
                    await node.StartAsync();
                    Tell($"{node.Name} is back as process {node.Pid}");
                    break;
                case Disturbance.Stop:
                    _stopped[pid] = 0;
                    node.Program.Signal("STOP");
                    await Task.Delay(1.5 * NodeTtl);
                    node.Program.Signal("CONT");
                    Tell($"{node.Name} goes on");
                    break;
                case Disturbance.Cut:
                    proxy.CutAll();
                    break;
            }

            await Task.Delay(random.Next(2500));
        }
    }

    // Where the clients' last calls ran, and of how many there are any.
    private static async Task<(ClusterNode[] Nodes, int Clients)> OwnersAsync(TestCluster cluster)
    {
        var places = await cluster.Redis.HGetAllAsync("CHAOS/PLACES");
        var pids = places.Where(static place => place.Key != Visitor).Select(static place => int.Parse(place.Value)).ToHashSet();
        ClusterNode[] owners = [.. cluster.Nodes.Where(node => pids.Contains(node.Pid))];
        return (owners.Length > 0 ? owners : cluster.Nodes, places.Count);
    }

    // Sessions that are opened, closed and left while nodes die.
    private static async Task<int> VisitAsync(int port, CancellationToken over)
    {
        var visits = 0;
        while (!over.IsCancellationRequested)
        {
            visits++;
            await using var client = await ChaosClient.ConnectAsync(port);
            try
            {
                await client.CallAsync("DO", new { id = $"{Visitor}-{visits}", pause = 0 }, CancellationToken.None);
            }
            catch (DuctsConnectionException)
            {
                // Its node has died.
            }
        }

        return visits;
    }

    private static async Task CheckRunsAsync(TestCluster cluster, ChaosResult[] results)
    {
        var runs = (await cluster.Redis.HGetAllAsync("CHAOS/RUNS")).ToDictionary(static pair => pair.Key, static pair => pair.Value);
        None(runs.Where(static run => run.Value != "1").Select(static run => $"{run.Key} ran {run.Value} times"));
        None(results.SelectMany(static result => result.Answered).Where(id => !runs.ContainsKey(id)).Select(static id => $"{id} was answered and never ran"));
        foreach (var result in results)
        {
            // Each call was noted once, as this or that.
            None(result.Answered.Concat(result.Failed).CountBy(static id => id).Where(static count => count.Value > 1).Select(static count => $"{count.Key} ended {count.Value} times"));
            Assert.NotEmpty(result.Answered);
        }
    }

    private async Task<IReadOnlyDictionary<string, long>> CheckHooksAsync(TestCluster cluster)
    {
        // Sessions of nodes that died and to which nobody came back end at their deadline.
        ILookup<string, Hook> connected = null!;
        ILookup<string, Hook> closed = null!;
        using var patience = new CancellationTokenSource(Until.Patience);
        do
        {
            await Task.Delay(100);
            (connected, closed) = (await ReadAsync("CHAOS/CONNECTED"), await ReadAsync("CHAOS/CLOSED"));
        }
        while (connected.Any(session => !closed.Contains(session.Key)) && !patience.IsCancellationRequested);
        None(connected.Where(session => !closed.Contains(session.Key)).Select(static session => $"{session.Key} was never closed: {session.First()}"));

        // Whoever still believes to have one ends it now.
        foreach (var node in cluster.Nodes)
            node.Program.Signal("TERM");
        foreach (var node in cluster.Nodes)
            await node.Program.EndedAsync();
        (connected, closed) = (await ReadAsync("CHAOS/CONNECTED"), await ReadAsync("CHAOS/CLOSED"));
        None(connected.Where(static session => session.Count() > 1).Select(static session => $"connected twice: {string.Join(", ", session)}"));
        None(closed.Where(IsClosedTwice).Select(static session => $"closed twice: {string.Join(", ", session)}"));
        // A node that died between taking a session and its first hook has left one that nobody was told of.
        Assert.InRange(closed.Count(session => !connected.Contains(session.Key)), 0, _killed.Count);
        return closed.ToDictionary(static session => session.Key, static session => session.Max(static hook => hook.At));

        async Task<ILookup<string, Hook>> ReadAsync(string key) =>
            (await cluster.Redis.ExecuteAsync("LRANGE", key, 0, -1)).AsStrings().Select(static line => Hook.Parse(line!)).ToLookup(static hook => hook.Session);
    }

    // A node that is killed before it could note that it has run the hooks leaves them to another, which runs them again.
    private bool IsClosedTwice(IEnumerable<Hook> hooks) =>
        hooks.OrderBy(static hook => hook.At).SkipLast(1).Any(hook => !_killed.TryGetValue(hook.Pid, out var at) || at - hook.At > 3000);

    // A session lives elsewhere only after its node died or seemed to, and another one takes its place only after its end.
    private void CheckPlaces(TestCluster cluster, ChaosResult[] results, IReadOnlyDictionary<string, long> closed)
    {
        var marked = cluster.Nodes.SelectMany(static node => node.Marked).ToHashSet();
        foreach (var result in results)
        {
            foreach (var (before, after) in result.Places.Zip(result.Places.Skip(1)))
            {
                if (before.Session == after.Session)
                    Assert.True(_killed.ContainsKey(before.Pid) || _stopped.ContainsKey(before.Pid) || marked.Contains(before.Pid), $"{result.Name} left {before} for {after}, and that process lived");
                else
                    Assert.True(closed.ContainsKey(before.Session), $"{result.Name} left {before} for {after}, and that session had not ended");
            }
        }
    }

    private static void None(IEnumerable<string> wrong)
    {
        string[] lines = [.. wrong];
        Assert.True(lines.Length == 0, $"{lines.Length} times:\n{string.Join('\n', lines.Take(20))}");
    }

    private void Tell(string what) => _story.Enqueue($"{TimeProvider.System.GetElapsedTime(_began).TotalSeconds:F1} s: {what}");

    private sealed record Hook(string Session, int Pid, long At)
    {
        public static Hook Parse(string line) => line.Split(' ') is [var session, var pid, var at] ? new Hook(session, int.Parse(pid), long.Parse(at)) : throw new FormatException(line);
    }
}
