using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Sessions;

/// <summary>Sessions whose sockets are cut again and again, at bytes that a seed chooses.</summary>
/// <remarks>Set DUCTS_TEST_FAULTS to <c>200x20</c> (sessions, cuts) for the long run, DUCTS_TEST_SEED to repeat one.</remarks>
public sealed class FaultTests(RedisFixture redis, ITestOutputHelper output)
{
    private readonly ConcurrentDictionary<string, Run> _runs = new();

    [Fact]
    public async Task Every_message_arrives_in_order_and_twice_only_what_was_not_confirmed()
    {
        var (sessions, cuts) = Amounts();
        var seed = int.TryParse(Environment.GetEnvironmentVariable("DUCTS_TEST_SEED"), out var wanted) ? wanted : Environment.TickCount;
        output.WriteLine($"seed {seed}: {sessions} sessions, {cuts} cuts each");
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.ReconnectTimeout = TimeSpan.FromSeconds(600), Map, withEvents: false);
        try
        {
            var tallies = await Task.WhenAll(Enumerable.Range(0, sessions).Select(i => RunAsync(server, new Random(seed + i), cuts)));
            output.WriteLine($"made {tallies.Sum(static t => t.Made)}, came twice {tallies.Sum(static t => t.Repeated)}, sockets {tallies.Sum(static t => t.Sockets)}");
            Assert.True(tallies.Sum(static t => t.Sockets) > sessions * cuts);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"DUCTS_TEST_SEED={seed}", exception);
        }

        Assert.Empty(server.Log.Errors);
    }

    private static (int Sessions, int Cuts) Amounts()
    {
        var text = Environment.GetEnvironmentVariable("DUCTS_TEST_FAULTS") ?? "16x5";
        var x = text.IndexOf('x', StringComparison.Ordinal);
        return (int.Parse(text.AsSpan(0, x)), int.Parse(text.AsSpan(x + 1)));
    }

    private void Map(WebApplication app)
    {
        app.MapEvent(1000, "STREAM", (string name, IEventSession session, CancellationToken token) => StreamAsync(_runs[session.Query["run"]], token));
        app.MapEvent(1001, "CALL", async (int number, IEventSession session) =>
        {
            await Task.Delay(number % 20);
            Interlocked.Increment(ref _runs[session.Query["run"]].Answered);
            return number;
        });
        app.MapEvent(1002, "LAST", static () => "last");
    }

    private static async IAsyncEnumerable<int> StreamAsync(Run run, [EnumeratorCancellation] CancellationToken token)
    {
        for (var i = 1; !run.Ends; i++)
        {
            Interlocked.Increment(ref run.Yielded);
            yield return i;
            if (i % 4 == 0)
                await Task.Delay(20, token);
        }
    }

    private async Task<Tally> RunAsync(WireServer server, Random random, int cuts)
    {
        var name = Guid.NewGuid().ToString("N");
        var run = _runs[name] = new Run();
        var issued = await server.IssueAsync("&run=" + name);
        await using var proxy = new FaultProxy(server.Port, FaultPlan.None);
        var client = await WireClient.OpenAsync(proxy.Port, issued.Path);
        await client.SendAsync("[\"s1\",1000,\"x\"]");
        await client.SendAsync("[\"s2\",1000,\"x\"]");
        // Both run before the first cut; from then on only the faults decide.
        while (run.Started < 2)
            Note(run, await client.ReceiveAsync());

        var sockets = 1;
        for (var cut = 0; cut <= cuts; cut++)
        {
            client.Reset();
            proxy.Plan = cut < cuts ? FaultPlan.From(random, mostBytes: 3000) : FaultPlan.None;
            client = await ReconnectAsync(proxy, issued);
            sockets++;
            run.BeginSocket();
            if (cut == cuts)
                break;
            await UseAsync(run, client, random);
        }

        // The last socket is left in peace: what is still to come comes all.
        run.Ends = true;
        await using (client)
        {
            while (run.Ended < 2)
                Note(run, await client.ReceiveAsync());
            var session = server.Session(issued);
            await Until.TrueAsync(() => session.Requests.Count == 0);
            await client.SendAsync("[\"last\",1002,null]");
            string message;
            while ((message = await client.ReceiveAsync()) != "[\"last\",1002,\"last\"]")
                Note(run, message);

            // Each message that was made has arrived: two ENDs and the last reply besides items and answers.
            var made = run.Yielded + run.Answered + 3;
            Assert.Equal(made, session.Sent);
            Assert.Equal(made, run.Arrived + 1);
            // And nothing is left, once the last has been confirmed.
            await client.ConfirmAllAsync(session);
            await Until.TrueAsync(() => session.Outbox is { Bytes: 0, Unconfirmed: 0 });
            return new Tally(made, run.Repeated, sockets);
        }
    }

    private static async Task UseAsync(Run run, WireClient client, Random random)
    {
        try
        {
            while (true)
            {
                if (random.Next(3) == 0)
                    await client.SendAsync($"[{++run.Asked},1001,{run.Asked}]");
                var message = await client.ReceiveAsync();
                if (message == "end")
                    return;
                Note(run, message);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // Cut while we were sending.
        }
    }

    private static async Task<WireClient> ReconnectAsync(FaultProxy proxy, Issued issued)
    {
        while (true)
        {
            try
            {
                return await WireClient.OpenAsync(proxy.Port, issued.ReconnectPath);
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                // Cut within the handshake; the next byte may be another.
                proxy.Plan = proxy.Plan with { CutAfterFromServer = proxy.Plan.CutAfterFromServer + 200, CutAfterFromClient = long.MaxValue };
            }
        }
    }

    private static void Note(Run run, string message)
    {
        using var parsed = JsonDocument.Parse(message);
        var (id, kind, data) = (parsed.RootElement[0], parsed.RootElement[1].GetInt32(), parsed.RootElement[2]);
        if (kind == 1001)
        {
            Assert.Equal(id.GetInt32(), data.GetInt32());
            Assert.InRange(id.GetInt32(), 1, run.Asked);
            run.Count(isNew: run.Replies.Add(id.GetInt32()));
            return;
        }

        var stream = run.Streams[id.GetString()!];
        if (kind == 3)
        {
            run.Count(isNew: !stream.HasEnded);
            stream.HasEnded = true;
            return;
        }

        var item = data[2].GetInt32();
        Assert.Equal(kind == 1, item == 1);
        // A new socket may begin with items that have come already; on each, one follows the other.
        Assert.True(stream.SeenOnSocket ? item == stream.LastOnSocket + 1 : item <= stream.Last + 1, $"{item} after {stream.LastOnSocket} and {stream.Last}");
        run.Count(isNew: item > stream.Last);
        stream.Last = Math.Max(stream.Last, item);
        stream.LastOnSocket = item;
        stream.SeenOnSocket = true;
    }

    private sealed record Tally(long Made, long Repeated, int Sockets);

    private sealed class StreamState
    {
        public int Last { get; set; }

        public int LastOnSocket { get; set; }

        public bool SeenOnSocket { get; set; }

        public bool HasEnded { get; set; }
    }

    private sealed class Run
    {
        public int Yielded;
        public int Answered;
        public volatile bool Ends;

        public Dictionary<string, StreamState> Streams { get; } = new() { ["s1"] = new(), ["s2"] = new() };

        public HashSet<int> Replies { get; } = [];

        public int Asked { get; set; }

        public int Arrived { get; private set; }

        public int Repeated { get; private set; }

        public int Started => Streams.Values.Count(static stream => stream.Last > 0);

        public int Ended => Streams.Values.Count(static stream => stream.HasEnded);

        public void Count(bool isNew)
        {
            if (isNew)
                Arrived++;
            else
                Repeated++;
        }

        public void BeginSocket()
        {
            foreach (var stream in Streams.Values)
                stream.SeenOnSocket = false;
        }
    }
}
