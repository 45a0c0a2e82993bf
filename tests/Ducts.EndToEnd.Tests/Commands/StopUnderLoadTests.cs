using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Ducts.EndToEnd.Doors;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Commands;

/// <summary><c>server stop</c> while many sessions have streams and calls that run.</summary>
public sealed class StopUnderLoadTests : IAsyncDisposable
{
    private const int Sessions = 200;
    private const int Blocked = 20;

    // Ends by itself, heeds its token, heeds nothing; streams that go on for ever, one of them without heeding its token.
    private static readonly string[] Requests = ["SOON", "NAP", "STUBBORN", "ENDLESS", "SILENT"];

    private const string Handlers =
        """
        public class Soon : DuctsHandler { public async Task<int> HandleAsync() { await Task.Delay(500); return 1; } }
        public class Nap : DuctsHandler { public async Task<int> HandleAsync(CancellationToken token) { await Task.Delay(60_000, token); return 1; } }
        public class Stubborn : DuctsHandler { public async Task<int> HandleAsync() { await Task.Delay(60_000); return 1; } }
        public class Endless : DuctsHandler
        {
            public async IAsyncEnumerable<int> HandleAsync([EnumeratorCancellation] CancellationToken token)
            {
                for (var i = 0; ; i++) { yield return i; await Task.Delay(20, token); }
            }
        }
        public class Silent : DuctsHandler { public async IAsyncEnumerable<int> HandleAsync() { yield return 1; await Task.Delay(60_000); } }
        public class Block : DuctsHandler { public int Handle() { Thread.Sleep(60_000); return 1; } }
        public class Flood : DuctsHandler { public IEnumerable<byte[]> Handle() { var item = new byte[65536]; while (true) yield return item; } }
        """;

    private readonly WorkingFolder _folder = new();

    public async ValueTask DisposeAsync() => await _folder.DisposeAsync();

    [Fact]
    public async Task Every_request_ends_or_gets_an_error_sockets_close_with_1001_and_the_server_ends_in_its_time()
    {
        var id = 1000;
        foreach (var handler in Handlers.Split("public class ", StringSplitOptions.RemoveEmptyEntries))
        {
            var name = handler.Split(' ')[0];
            _folder.Write($"handler/evt_{id++}_{name.ToLowerInvariant()}.cs", "public class " + handler);
        }

        _folder.Write("config_server.ini", "[web_socket_server]\nshutdown_timeout = 2\n");
        await _folder.StartServerAsync();
        var clients = new List<LoadedClient>();
        for (var i = 0; i < Sessions; i++)
            clients.Add(await LoadedClient.OpenAsync(_folder.Address!, i < Blocked ? [.. Requests, "BLOCK"] : Requests));
        // A peer that reads nothing holds nobody up.
        using var deaf = await RawConnection.UpgradeAsync(_folder.Address!);
        await deaf.SendAsync([0x82, 0x86, 0, 0, 0, 0, 0x93, 0x01, 0xcd, 0x03, 0xee, 0xc0]);
        await Until.TrueAsync(() => clients.TrueForAll(static client => client.StreamsRun), () => "the streams of all sessions");

        var stopped = await _folder.DuctsAsync("server", "stop");

        // The command kills a server that needs longer than shutdown_timeout and two seconds, and says so.
        Assert.True(stopped.ExitCode == 0 && stopped.Output.StartsWith("The server has stopped", StringComparison.Ordinal), $"{stopped}\n{_folder.Log}");
        Assert.Empty(ProcessList.Of(_folder.Path));
        var ends = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var client in clients)
        {
            await client.Ended.WaitAsync(Until.Patience);
            Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, client.CloseStatus);
            foreach (var (request, end) in client.Ends)
                ends[$"{request}: {end}"] = ends.GetValueOrDefault($"{request}: {end}") + 1;
            // A handler that keeps its thread to itself cannot be answered for; the close frame ends its request.
            Assert.Equal(Requests.Order(), client.Ends.Keys.Order());
            client.Dispose();
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"stopped in {stopped.Elapsed.TotalMilliseconds:F0} ms; {string.Join(", ", ends.Select(static end => $"{end.Key} × {end.Value}"))}");
        Assert.DoesNotContain("Unhandled", _folder.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_whose_stream_the_stop_breaks_off_prints_what_came_and_fails()
    {
        _folder.Write("handler/evt_1000_tokens.cs", """
            public class Tokens : DuctsHandler
            {
                public async IAsyncEnumerable<int> HandleAsync([EnumeratorCancellation] CancellationToken token)
                {
                    for (var i = 0; i < 1_000_000; i++)
                    {
                        if (i == 3)
                            File.WriteAllText("streaming", "");
                        yield return i;
                        await Task.Delay(10, token);
                    }
                }
            }
            """);
        await _folder.StartServerAsync();
        var calling = _folder.DuctsAsync("call", "TOKENS", "--url", _folder.Address!.AbsoluteUri);
        await Until.TrueAsync(() => File.Exists(_folder.PathOf("streaming")), () => "the first items of the stream");

        var stopped = await _folder.DuctsAsync("server", "stop");

        Assert.Equal((0, ""), (stopped.ExitCode, stopped.Error));
        var call = await calling;
        Assert.Equal(1, call.ExitCode);
        Assert.StartsWith("0\n1\n2\n", call.Output, StringComparison.Ordinal);
        Assert.Contains("ConnectionError: the server is stopping", call.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_requests_open_streams_over_HTTP_and_hooks_that_hang_do_not_make_the_stop_kill()
    {
        _folder.Write("handler/evt_1000_feed.cs", """
            public class Feed : DuctsHandler
            {
                public string Handle() => "";

                public override Task HandleClosedAsync(IEventSession session, CancellationToken cancellationToken) => new TaskCompletionSource().Task;

                [WebApi("GET", "items")]
                public async IAsyncEnumerable<int> ItemsAsync()
                {
                    yield return 1;
                    await new TaskCompletionSource().Task;
                }
            }
            """);
        _folder.Write("config_server.ini", "[web_socket_server]\nshutdown_timeout = 2\n");
        await _folder.StartServerAsync();
        using var session = await RawConnection.UpgradeAsync(_folder.Address!);
        using var half = await RawConnection.OpenAsync(_folder.Address!);
        await half.SendAsync("GET /ducts/wsd HTTP/1.1\r\nHo"u8.ToArray());
        using var feed = await Doors.Discovery.Http.GetAsync(new Uri(_folder.Address!, "ducts/api/v1/feed/items"), HttpCompletionOption.ResponseHeadersRead);

        var stopped = await _folder.DuctsAsync("server", "stop");

        // The command kills a server that needs longer than its time, and says so.
        Assert.True(stopped.ExitCode == 0 && stopped.Output.StartsWith("The server has stopped", StringComparison.Ordinal), $"{stopped}\n{_folder.Log}");
        Assert.Empty(ProcessList.Of(_folder.Path));
        await Assert.ThrowsAnyAsync<Exception>(() => feed.Content.ReadAsByteArrayAsync().WaitAsync(Until.Patience));
        Assert.Contains("HandleClosedAsync of Feed did not complete", _folder.Log, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper!.WriteLine($"stopped in {stopped.Elapsed.TotalMilliseconds:F0} ms");
    }

    [Fact]
    public async Task A_module_that_does_not_heed_its_token_is_left_behind()
    {
        _folder.Write("modules/deaf.cs", """
            public sealed class Deaf : DuctsModule
            {
                public override Task RunAsync(IModuleContext context, CancellationToken stopping) => new TaskCompletionSource().Task;
            }
            """);
        // The module shares the server's Redis.
        _folder.Write("config_server.ini", "[web_socket_server]\nshutdown_timeout = 2\n");
        _folder.Write("config_deaf.ini", "[web_socket_server]\nshutdown_timeout = 1\n");
        await _folder.StartServerAsync();
        var started = await _folder.DuctsAsync("deaf", "start");
        Assert.True(started.ExitCode == 0, started.ToString());

        var stopped = await _folder.DuctsAsync("deaf", "stop");

        Assert.True(stopped.ExitCode == 0 && stopped.Output.Contains("has stopped", StringComparison.Ordinal), stopped.ToString());
        Assert.Contains("ABANDONED|MODULE=deaf", await File.ReadAllTextAsync(started.LogPath), StringComparison.Ordinal);
    }

    /// <summary>A session that has asked for one of each, and notes how each ends.</summary>
    private sealed class LoadedClient : IDisposable
    {
        private readonly ClientWebSocket _socket = new();
        private readonly HashSet<string> _started = [];
        private volatile int _streams;

        public Dictionary<string, string> Ends { get; } = [];

        public bool StreamsRun => _streams == 2;

        public Task Ended { get; private set; } = Task.CompletedTask;

        public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

        public static async Task<LoadedClient> OpenAsync(Uri server, string[] requests)
        {
            var client = new LoadedClient();
            using var answer = JsonDocument.Parse(await Doors.Discovery.Http.GetStringAsync(new Uri(server, "ducts/wsd?uuid=stop")));
            await client._socket.ConnectAsync(new Uri(answer.RootElement.GetProperty("websocket_url").GetString()!), CancellationToken.None);
            foreach (var request in requests)
            {
                var message = $$"""{"request_id":"{{request}}","event_id":{{answer.RootElement.GetProperty("EVENT").GetProperty(request).GetInt32()}}}""";
                await client._socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, CancellationToken.None);
            }

            client.Ended = client.ReadAsync();
            return client;
        }

        public void Dispose() => _socket.Dispose();

        private async Task ReadAsync()
        {
            var buffer = new byte[1024];
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
                    return;
                }

                Assert.True(part.EndOfMessage);
                using var message = JsonDocument.Parse(buffer.AsMemory(0, part.Count));
                var root = message.RootElement;
                Note(root.GetProperty("request_id").GetString()!, root.GetProperty("event_id").GetInt32(), root.GetProperty("data"));
            }
        }

        private void Note(string request, int kind, JsonElement data)
        {
            Assert.False(Ends.ContainsKey(request), $"{request} goes on after its end");
            if (kind == 1 && _started.Add(request))
                _streams++;
            // A stream is not ended as if it were complete.
            if (kind == 3)
                Assert.True(data.GetProperty("event_id").GetInt32() < 0, $"{request} ended regularly");
            if (kind is not (1 or 2))
                Ends[request] = kind switch { 3 => "END after an error", < 0 => "error", _ => "reply" };
        }
    }
}
