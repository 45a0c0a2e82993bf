namespace Ducts.Redis.Tests;

public sealed class PipelineFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private RedisServer _server = null!;
    private CuttingProxy _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartPersistentAsync();
        _proxy = new CuttingProxy(_server);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_of_a_reply_leaves_the_outcome_unknown_and_comes_back()
    {
        await using var redis = await Clients.ConnectAsync(_proxy.Uri);
        await redis.ExecuteAsync("SET", "big", new byte[100_000]);
        _proxy.CutAfter(50_000);
        var exception = await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.ExecuteAsync("GET", "big"));
        Assert.True(exception.IsOutcomeUnknown);
        Assert.Contains("outcome is unknown", exception.Message, StringComparison.Ordinal);
        Assert.Equal(100_000, (await redis.ExecuteAsync("GET", "big")).AsBytes().Length);
        Assert.Equal(1, redis.Status.Reconnects);
    }

    [Fact]
    public async Task Commands_wait_while_there_is_no_connection_and_are_sent_when_it_is_back()
    {
        await using var redis = await Clients.ConnectAsync(_proxy.Uri);
        _proxy.Refuse();
        await Until.TrueAsync(() => !redis.IsConnected, "the client knows");
        var waiting = Enumerable.Range(0, 100).Select(i => redis.ExecuteAsync("INCR", "count").AsTask()).ToArray();
        Assert.Equal(100, redis.Status.WaitingCommands);
        _proxy.Accept();
        Assert.Equal(Enumerable.Range(1, 100).Select(static i => (long)i), (await Task.WhenAll(waiting)).Select(static reply => reply.AsInt64()));
    }

    [Fact]
    public async Task Commands_that_cannot_be_sent_in_time_say_so_and_never_are()
    {
        await using var redis = await Clients.ConnectAsync(_proxy.Uri, static options => options.CommandTimeout = Timeout);
        _proxy.Refuse();
        await Until.TrueAsync(() => !redis.IsConnected, "the client knows");
        var waiting = Enumerable.Range(0, 10).Select(_ => redis.ExecuteAsync("INCR", "never").AsTask()).ToArray();
        foreach (var command in waiting)
        {
            var exception = await Assert.ThrowsAsync<RedisUnavailableException>(() => command);
            Assert.False(exception.IsOutcomeUnknown);
            Assert.Contains("was not sent", exception.Message, StringComparison.Ordinal);
        }

        _proxy.Accept();
        await Until.TrueAsync(() => redis.IsConnected, "the connection is back");
        Assert.True((await redis.ExecuteAsync("GET", "never")).IsNull);
    }

    [Fact]
    public async Task A_cancelled_command_that_waits_is_never_sent()
    {
        await using var redis = await Clients.ConnectAsync(_proxy.Uri);
        _proxy.Refuse();
        await Until.TrueAsync(() => !redis.IsConnected, "the client knows");
        using var source = new CancellationTokenSource();
        var before = redis.ExecuteAsync("RPUSH", "l", "before").AsTask();
        var cancelled = redis.ExecuteAsync("RPUSH", ["l", "cancelled"], source.Token).AsTask();
        var after = redis.ExecuteAsync("RPUSH", "l", "after").AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        _proxy.Accept();
        await Task.WhenAll(before, after);
        Assert.Equal<IEnumerable<string?>>(["before", "after"], (await redis.ExecuteAsync("LRANGE", "l", 0, -1)).AsStrings());
    }

    [Fact]
    public async Task More_than_the_send_buffer_holds_is_refused_at_once()
    {
        await using var redis = await Clients.ConnectAsync(_proxy.Uri, static options => options.SendBufferLimit = 100_000);
        _proxy.Refuse();
        await Until.TrueAsync(() => !redis.IsConnected, "the client knows");
        var waiting = redis.ExecuteAsync("SET", "a", new byte[90_000]).AsTask();
        var refused = await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.ExecuteAsync("SET", "b", new byte[20_000]));
        Assert.False(refused.IsOutcomeUnknown);
        _proxy.Accept();
        await waiting;
        Assert.True((await redis.ExecuteAsync("GET", "b")).IsNull);
    }

    [Fact]
    public async Task A_frozen_server_gives_true_outcomes_in_time_and_works_again_afterwards()
    {
        await using var redis = await _server.ConnectAsync(static options => options.CommandTimeout = Timeout);
        await redis.ExecuteAsync("SET", "n", 0);
        await _server.FreezeAsync();
        var start = TimeProvider.System.GetTimestamp();
        var outcomes = new List<RedisUnavailableException>();
        var first = redis.ExecuteAsync("INCR", "n").AsTask();
        outcomes.Add(await Assert.ThrowsAsync<RedisUnavailableException>(() => first));
        Assert.True(outcomes[0].IsOutcomeUnknown);

        // The connection has been given up by now; a new one is not to be had.
        var second = await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.ExecuteAsync("INCR", "n"));
        Assert.False(second.IsOutcomeUnknown);
        await _server.ThawAsync();
        await Until.TrueAsync(() => redis.IsConnected, "the connection is back");
        var value = (await redis.ExecuteAsync("GET", "n")).AsInt64();
        Assert.InRange(value, 0, 1);
        GC.KeepAlive(start);
    }

    [Fact]
    public async Task More_than_the_socket_takes_waits_unsent_while_the_server_is_frozen()
    {
        await using var redis = await _server.ConnectAsync(static options => options.CommandTimeout = Timeout);
        await _server.FreezeAsync();
        Task<RedisReply> Set(int i) => redis.ExecuteAsync("SET", $"k{i}", new byte[100_000]).AsTask();
        List<Task<RedisReply>> commands = [];
        for (var tries = 0; tries < 100 && commands.Count < 40; tries++)
        {
            // One at a time, until the socket is full and the next ones stay where they are.
            if (redis.Status.WaitingCommands == 0)
            {
                commands.Add(Set(commands.Count));
            }

            await Task.Delay(5);
        }

        commands.AddRange(Enumerable.Range(commands.Count, 10).Select(Set));
        var outcomes = new List<bool>();
        foreach (var command in commands)
        {
            outcomes.Add((await Assert.ThrowsAsync<RedisUnavailableException>(() => command)).IsOutcomeUnknown);
        }

        Assert.Contains(true, outcomes);
        Assert.Contains(false, outcomes);
        await _server.ThawAsync();
        await Until.TrueAsync(() => redis.IsConnected, "the connection is back");
        for (var i = 0; i < commands.Count; i++)
        {
            var exists = (await redis.ExecuteAsync("EXISTS", $"k{i}")).AsBoolean();
            Assert.True(outcomes[i] || !exists, $"Command {i} was said not to be sent, but was carried out.");
        }
    }

    [Fact]
    public async Task A_killed_server_that_comes_back_has_what_was_acknowledged()
    {
        await using var redis = await _server.ConnectAsync();
        var acknowledged = 0L;
        var unknown = 0;
        using var stopping = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 10).Select(_ => Task.Run(async () =>
        {
            while (!stopping.IsCancellationRequested)
            {
                try
                {
                    await redis.ExecuteAsync("INCR", "acks");
                    Interlocked.Increment(ref acknowledged);
                }
                catch (RedisUnavailableException exception)
                {
                    Assert.True(exception.IsOutcomeUnknown);
                    Interlocked.Increment(ref unknown);
                }
            }
        })).ToArray();
        for (var round = 0; round < 3; round++)
        {
            var reached = Interlocked.Read(ref acknowledged) + 200;
            await Until.TrueAsync(() => Interlocked.Read(ref acknowledged) > reached, "commands go on");
            await _server.KillAsync();
            await _server.LaunchAsync();
        }

        await stopping.CancelAsync();
        await Task.WhenAll(writers);
        var value = (await redis.ExecuteAsync("GET", "acks")).AsInt64();
        Assert.InRange(value, acknowledged, acknowledged + unknown);
        Assert.True(unknown > 0, "No command was under way when the server was killed.");
    }

    [Fact]
    public async Task A_reply_beyond_the_output_buffer_limit_ends_the_connection_with_the_outcome_unknown()
    {
        await using var redis = await _server.ConnectAsync();
        await redis.ExecuteAsync("SET", "huge", new byte[5_000_000]);
        await _server.CliAsync("CONFIG", "SET", "client-output-buffer-limit", "normal 1000000 0 0");
        var batch = Enumerable.Range(0, 20).Aggregate(new RedisBatch(), static (batch, _) => batch.Add("GET", "huge"));
        Assert.True((await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.BatchAsync(batch))).IsOutcomeUnknown);
        Assert.Equal("PONG", (await redis.ExecuteAsync("PING")).AsString());
    }

    [Fact]
    public async Task Ten_seconds_of_a_frozen_server_cost_time_and_no_entries()
    {
        await using var redis = await _server.ConnectAsync(static options => options.CommandTimeout = TimeSpan.FromSeconds(5));
        await redis.XAddAsync("s", "i", 0);
        await using var follower = redis.PSubAndXRangeAsync("c", "s", lastCount: 1).GetAsyncEnumerator();
        Assert.True(await follower.MoveNextAsync());
        await redis.XAddAndPublishAsync("c", "s", "i", 1);
        await _server.FreezeAsync();
        var thawing = Task.Run(async () =>
        {
            await Task.Delay(10_000);
            await _server.ThawAsync();
        });
        var outcome = await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.XAddAndPublishAsync("c", "s", "i", "unknown"));
        Assert.True(outcome.IsOutcomeUnknown);
        Assert.False(thawing.IsCompleted);
        await thawing;
        await Until.TrueAsync(() => redis.IsConnected, "the connection is back");
        await redis.XAddAndPublishAsync("c", "s", "i", 2);
        var written = (await redis.XRangeAsync("s")).Select(static entry => entry.Fields["i"]).ToList();
        Assert.Equal(written[1..], await FollowerTests.TakeAsync(follower, written.Count - 1));
    }

    [Fact]
    public async Task A_first_connection_that_is_not_to_be_had_fails_with_where_and_why()
    {
        var nowhere = await Assert.ThrowsAsync<RedisUnavailableException>(() => Clients.ConnectAsync("unix:///nowhere/redis.sock"));
        Assert.Contains("/nowhere/redis.sock", nowhere.Message, StringComparison.Ordinal);
        await _server.FreezeAsync();
        var silent = await Assert.ThrowsAsync<RedisUnavailableException>(
            () => _server.ConnectAsync(static options => options.ConnectTimeout = TimeSpan.FromMilliseconds(300)));
        Assert.Contains("did not answer", silent.Message, StringComparison.Ordinal);
        await _server.ThawAsync();
    }

    [Fact]
    public async Task What_is_no_Redis_is_given_up()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var talking = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync();
            await socket.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
            await socket.ReceiveAsync(new byte[1000]);
        });
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        var exception = await Assert.ThrowsAsync<RedisUnavailableException>(() => Clients.ConnectAsync($"redis://127.0.0.1:{port}"));
        Assert.Contains("not RESP", exception.Message, StringComparison.Ordinal);
        await talking;
    }

    [Fact]
    public async Task A_change_of_the_connection_is_announced()
    {
        await using var redis = await Clients.ConnectAsync(_proxy.Uri);
        var seen = new System.Collections.Concurrent.ConcurrentQueue<bool>();
        redis.ConnectionChanged += (_, change) => seen.Enqueue(change.IsConnected);
        _proxy.CutAll();
        await Until.TrueAsync(() => seen.Count >= 2, "both changes are announced");
        Assert.Equal([false, true], seen.Order());
    }
}
