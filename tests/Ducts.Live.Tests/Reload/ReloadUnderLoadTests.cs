using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using Ducts.Live.Hosting;

namespace Ducts.Live.Reload;

/// <summary>Handlers are replaced while sessions are at work on them.</summary>
[Collection(nameof(Alone))]
public class ReloadUnderLoadTests
{
    private const int KeptPrevious = 1205;

    // 100 and 50 is what the server is held to; the everyday run is smaller, for the machine's other work.
    private static readonly int Sessions = Number("DUCTS_LIVE_SESSIONS", 20);
    private static readonly int Changes = Number("DUCTS_LIVE_CHANGES", 20);

    [Fact]
    public async Task Changes_show_at_once_while_sessions_and_streams_go_on_and_old_code_goes()
    {
        await using var server = new LiveServer();
        server.Write(Versions.Name, Versions.File(1));
        server.Write("evt_1001_ticks.cs", Versions.Others);
        server.Write("evt_1002_orders.cs", Versions.Orders);
        await server.StartAsync(static options => options.Event.Reload = true);
        var code = new LoadedCode("Ticks");
        code.Note();

        var sessions = new List<LoadedSession>();
        for (var count = 0; count < Sessions; count++)
            sessions.Add(new LoadedSession(await server.ConnectAsync()));
        var delays = await ChangeAsync(server, code);
        await Task.WhenAll(sessions.Select(static session => session.StopAsync()));

        Assert.All(sessions, static session => Assert.Equal(0, session.Dropped));
        Assert.All(sessions, static session => Assert.True(session.Calls > 0 && session.Streams > 0));
        Assert.Contains(sessions, static session => session.OutlivedStreams > 0);
        Assert.Equal(delays.Count + 1, code.Noted);
        Assert.Equal(1, await code.CollectAsync(expected: 1));
        delays.Sort();
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Sessions} sessions, {sessions.Sum(static session => session.Streams)} streams, {sessions.Sum(static session => session.Calls)} calls; {delays.Count} changes took effect after {delays[0].TotalMilliseconds:0} to {delays[^1].TotalMilliseconds:0} ms, half within {delays[delays.Count / 2].TotalMilliseconds:0} ms; {GC.GetTotalMemory(true) >> 20} MiB"));
    }

    [Fact]
    public async Task Memory_stays_as_it_is_however_often_handlers_change()
    {
        await using var server = new LiveServer();
        server.Write(Versions.Name, Versions.File(1));
        server.Write("evt_1001_ticks.cs", Versions.Others);
        server.Write("evt_1002_orders.cs", Versions.Orders);
        await server.StartAsync(static options => options.Event.Reload = true);
        var code = new LoadedCode("Ticks");

        var number = await ChangeAndUseAsync(server, code, from: 2, count: 6);
        Assert.Equal(1, await code.CollectAsync(expected: 1));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await ChangeAndUseAsync(server, code, from: number, count: Changes);
        Assert.Equal(1, await code.CollectAsync(expected: 1));
        var after = GC.GetTotalMemory(forceFullCollection: true);

        // A change that stayed would cost its syntax trees, types and metadata, more than this for each.
        Assert.True(after - before < Changes * 100_000, $"{(after - before) / Changes} bytes stay of a change");
    }

    private static async Task<List<TimeSpan>> ChangeAsync(LiveServer server, LoadedCode code)
    {
        var control = await server.ConnectAsync();
        var delays = new List<TimeSpan>();
        for (var number = 2; number <= Changes + 1; number++)
        {
            var before = await control.CallAsync<int>("VERSION");
            if (number % 7 == 3)
            {
                var kept = server.Log.Texts(KeptPrevious).Length;
                server.Write(Versions.Name, Versions.Broken);
                await Until.TrueAsync(() => server.Log.Texts(KeptPrevious).Length > kept, "what does not compile is refused");
                Assert.Equal(before, await control.CallAsync<int>("VERSION"));
                continue;
            }

            server.Write(Versions.Name, Versions.File(number));
            var saved = Stopwatch.GetTimestamp();
            await Until.TrueAsync(async () => await control.CallAsync<int>("VERSION") == number, $"version {number} answers");
            delays.Add(Stopwatch.GetElapsedTime(saved));
            code.Note();
        }

        return delays;
    }

    // Every kind of door is used once, so that whatever remembers types has the chance to remember them.
    private static async Task<int> ChangeAndUseAsync(LiveServer server, LoadedCode code, int from, int count)
    {
        var client = await server.ConnectAsync();
        for (var number = from; number < from + count; number++)
        {
            server.Write(Versions.Name, Versions.File(number));
            await Until.TrueAsync(async () => await client.CallAsync<int>("VERSION") == number, $"version {number} answers");
            code.Note();
            var order = new { customer = "Ann", lines = new[] { new { article = "nut", count = 3 } } };
            await client.CallAsync("ORDERS", order);
            await foreach (var tick in client.StreamAsync("TICKS", 2))
                Assert.Equal(number, tick.GetProperty("version").GetInt32());
            await UseWebApisAsync(server, number, order);
        }

        return from + count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task UseWebApisAsync(LiveServer server, int number, object order)
    {
        using var placed = await server.Http.PostAsJsonAsync("/ducts/api/v1/orders/placed", order);
        Assert.Equal($$"""{"version":{{number}},"counts":[3]}""", await placed.Content.ReadAsStringAsync());
        Assert.Equal("""{"id":7,"amount":{"value":5}}""", await server.Http.GetStringAsync("/ducts/api/v1/orders/found/7?amount=5"));
        Assert.Equal($$$"""[{"id":{{{number}}},"amount":{"value":3}}]""", await server.Http.GetStringAsync("/ducts/api/v1/orders/all"));
        Assert.Contains("Receipt", await server.Http.GetStringAsync("/ducts/api/openapi.json"), StringComparison.Ordinal);
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
