using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Ducts.Client;
using Ducts.Live.Hosting;

namespace Ducts.Live.Reload;

/// <summary>Handlers are replaced while sessions are at work on them.</summary>
[Collection(nameof(Alone))]
public class ReloadUnderLoadTests
{
    private const int KeptPrevious = 1205;
    private const int Unforgotten = 1207;

    // 100 and 50 is what the server is held to; the everyday run is smaller, for the machine's other work.
    private static readonly int Sessions = Number("DUCTS_LIVE_SESSIONS", 20);
    private static readonly int Changes = Number("DUCTS_LIVE_CHANGES", 20);

    // What pools and the runtime itself keep. That the handlers are gone is held to the last one; this is for what else could grow.
    private const long Slack = 8 << 20;

    [Fact]
    public async Task Changes_show_while_sessions_and_streams_go_on_and_old_handlers_leave_the_memory()
    {
        await using var server = new LiveServer();
        server.Write(Versions.Name, Versions.File(1));
        server.Write("evt_1001_ticks.cs", Versions.Others);
        server.Write("evt_1002_orders.cs", Versions.Orders);
        server.Write("evt_1003_news.cs", Versions.News);
        await server.StartAsync(static options => options.Event.Reload = true);
        var code = new LoadedCode("Ticks");
        code.Note();

        await UseWebApisAsync(server, 1);
        var clients = new List<DuctsClient>();
        for (var count = 0; count < Sessions; count++)
            clients.Add(await server.ConnectAsync());
        // One that has asked the first handlers and then never says anything again.
        await (await server.ConnectAsync()).CallAsync<int>("VERSION");
        var warmUp = Math.Max(2, Changes / 5);
        var delays = await ChangeUnderLoadAsync(server, code, clients, 2, warmUp);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        delays.AddRange(await ChangeUnderLoadAsync(server, code, clients, 2 + warmUp, Changes - warmUp));
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.Equal(delays.Count + 1, code.Noted);
        Assert.True(grown < Slack, $"memory has grown by {grown} bytes");
        Assert.Empty(server.Log.Texts(Unforgotten));
        delays.Sort();
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{delays.Count} changes took effect after {delays[0].TotalMilliseconds:0} to {delays[^1].TotalMilliseconds:0} ms, half within {delays[delays.Count / 2].TotalMilliseconds:0} ms; {delays.Count(static delay => delay.TotalSeconds > 1)} took more than 1 s; {before >> 10} KiB before, {grown >> 10} KiB more after"));
    }

    private static async Task<List<TimeSpan>> ChangeUnderLoadAsync(LiveServer server, LoadedCode code, List<DuctsClient> clients, int first, int count)
    {
        var sessions = clients.ConvertAll(static client => new LoadedSession(client));
        var delays = await ChangeAsync(server, code, first, count);
        await Task.WhenAll(sessions.Select(static session => session.StopAsync()));

        Assert.All(sessions, static session => Assert.Equal(0, session.Dropped));
        Assert.All(sessions, static session => Assert.True(session.Calls > 0 && session.Streams > 0));
        Assert.Contains(sessions, static session => session.OutlivedStreams > 0);
        await Until.TrueAsync(() => code.Collect() == 1, "all handlers but the newest have left the memory");
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{sessions.Count} sessions, {sessions.Sum(static session => session.Streams)} streams, {sessions.Sum(static session => session.OutlivedStreams)} of them outlived by newer code, {sessions.Sum(static session => session.Calls)} calls"));
        return delays;
    }

    private static async Task<List<TimeSpan>> ChangeAsync(LiveServer server, LoadedCode code, int first, int count)
    {
        var control = await server.ConnectAsync();
        var delays = new List<TimeSpan>();
        for (var number = first; number < first + count; number++)
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
            Assert.Equal(number, await control.CallAsync<int>("NEWS"));
            await UseWebApisAsync(server, number);
        }

        return delays;
    }

    private static async Task UseWebApisAsync(LiveServer server, int number)
    {
        var order = new { customer = "Ann", lines = new[] { new { article = "nut", count = 3 } } };
        using var placed = await server.Http.PostAsJsonAsync("/ducts/api/v1/orders/placed", order);
        Assert.Equal($$"""{"version":{{number}},"counts":[3]}""", await placed.Content.ReadAsStringAsync());
        Assert.Equal("""{"id":7,"amount":{"value":5}}""", await server.Http.GetStringAsync("/ducts/api/v1/orders/found/7?amount=5"));
        Assert.Equal($$$"""[{"id":{{{number}}},"amount":{"value":3}}]""", await server.Http.GetStringAsync("/ducts/api/v1/orders/all"));
        Assert.Equal($"Orders {number}", await server.Http.GetStringAsync("/ducts/api/v1/orders/logged"));
        Assert.Contains("Receipt", await server.Http.GetStringAsync("/ducts/api/openapi.json"), StringComparison.Ordinal);
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
