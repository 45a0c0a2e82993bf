namespace Ducts.Redis.Tests;

public sealed class RedisClientTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private RedisClient _redis = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _redis = await _server.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Replies_of_every_kind_come_back()
    {
        Assert.Equal("OK", (await _redis.ExecuteAsync("SET", "a", 5)).AsString());
        Assert.Equal("5"u8.ToArray(), (await _redis.ExecuteAsync("GET", "a")).AsBytes().ToArray());
        Assert.Equal(6, (await _redis.ExecuteAsync("INCR", "a")).AsInt64());
        Assert.True((await _redis.ExecuteAsync("GET", "absent")).IsNull);
        await _redis.ExecuteAsync("RPUSH", "list", "x", "y");
        Assert.Equal<IEnumerable<string?>>(["x", "y"], (await _redis.ExecuteAsync("LRANGE", "list", 0, -1)).AsStrings());
        await _redis.ExecuteAsync("ZADD", "z", 1.5, "m");
        Assert.Equal(RedisReplyKind.Double, (await _redis.ExecuteAsync("ZSCORE", "z", "m")).Kind);
        await _redis.ExecuteAsync("SADD", "set", "s");
        Assert.Equal(RedisReplyKind.Set, (await _redis.ExecuteAsync("SMEMBERS", "set")).Kind);
        Assert.Equal(RedisReplyKind.Map, (await _redis.ExecuteAsync("CONFIG", "GET", "port")).Kind);
    }

    [Fact]
    public async Task Bulk_strings_are_decoded_at_any_depth_when_asked_for()
    {
        var reply = await _redis.ExecuteStringAsync("EVAL", "return {'\u00e9', {'b', 1}}", 0);
        Assert.Equal("\u00e9", ((object?[])reply.ToObject()!)[0]);
        Assert.Equal("b", ((object?[])((object?[])reply.ToObject()!)[1]!)[0]);
        var raw = await _redis.ExecuteAsync("EVAL", "return {'\u00e9'}", 0);
        Assert.IsType<byte[]>(((object?[])raw.ToObject()!)[0]);
    }

    [Fact]
    public async Task An_error_reply_throws_with_the_text_of_Redis()
    {
        await _redis.ExecuteAsync("SET", "s", "x");
        var exception = await Assert.ThrowsAsync<RedisErrorException>(async () => await _redis.ExecuteAsync("LPUSH", "s", "y"));
        Assert.Equal("WRONGTYPE Operation against a key holding the wrong kind of value", exception.Message);
        Assert.Equal("WRONGTYPE", exception.Code);
    }

    [Fact]
    public async Task Stream_entries_are_added_and_read()
    {
        var first = await _redis.XAddAsync("s", "n", "v", "m", 3);
        var second = await _redis.XAddAsync("s", new { Name = "Alice", Age = 30 });
        var third = await _redis.XAddAsync("s", new Dictionary<string, object?> { ["bytes"] = new byte[] { 0, 255 } });
        var fourth = await _redis.XAddAsync("s", new Dictionary<string, string> { ["t"] = "x" });
        Assert.Equal([new("n", "v"), new("m", "3")], await _redis.XGetAsync("s", first));
        Assert.Equal([new("Name", "Alice"), new("Age", "30")], await _redis.XGetAsync("s", second));
        Assert.Equal(new byte[] { 0, 255 }, (await _redis.XGetAsync("s", third)).BytesAt(0).ToArray());
        Assert.Equal(first, (await _redis.XGetWithIdAsync("s", first))!.Id);
        Assert.Equal("x", (await _redis.XLastAsync("s"))["t"]);
        Assert.Equal(fourth, (await _redis.XLastWithIdAsync("s"))!.Id);
        Assert.Equal([first, second, third, fourth], (await _redis.XRangeAsync("s")).Select(static e => e.Id));
        Assert.Equal([second, third], (await _redis.XRangeAsync("s", "(" + first, "+", 2)).Select(static e => e.Id));
        Assert.Equal([fourth, third], (await _redis.XRevRangeAsync("s", count: 2)).Select(static e => e.Id));
    }

    [Fact]
    public async Task What_is_absent_is_empty()
    {
        Assert.Empty(await _redis.XGetAsync("none", "1-1"));
        Assert.Null(await _redis.XGetWithIdAsync("none", "1-1"));
        Assert.Empty(await _redis.XLastAsync("none"));
        Assert.Null(await _redis.XLastWithIdAsync("none"));
        Assert.Empty(await _redis.XRangeAsync("none"));
        Assert.Empty(await _redis.HGetAllAsync("none"));
    }

    [Fact]
    public async Task A_stream_is_trimmed_to_about_its_length()
    {
        for (var i = 0; i < 500; i++)
        {
            await _redis.XAddAsync("trim", ["i", i], maxLength: 100);
        }

        Assert.InRange((await _redis.ExecuteAsync("XLEN", "trim")).AsInt64(), 100, 300);
    }

    [Fact]
    public async Task An_entry_needs_fields()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await _redis.XAddAsync("s"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _redis.XAddAsync("s", "name"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _redis.XAddAsync("s", new { }));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _redis.XAddAsync("s", new { Name = (string?)null }));
    }

    [Fact]
    public async Task Adding_and_publishing_is_one_command_and_counts_the_receivers()
    {
        await using var subscription = await _redis.SubscribeAsync("ch");
        Assert.Equal(1, (await _redis.XAddAndPublishAsync("ch", "pub", "a", 1)).Receivers);
        Assert.Contains("cmdstat_eval:calls=1,", await _server.CliAsync("INFO", "commandstats"), StringComparison.Ordinal);
        Assert.Equal(0, (await _redis.XAddAndPublishAsync("nobody", "pub", new { B = 2 }, maxLength: 10)).Receivers);
        await foreach (var (channel, payload) in subscription)
        {
            Assert.Equal("ch", channel);
            Assert.Equal("1", (await _redis.XGetAsync("pub", payload))["a"]);
            break;
        }

        Assert.Equal("2", (await _redis.XLastAsync("pub"))["B"]);
    }

    [Fact]
    public async Task A_hash_is_a_dictionary()
    {
        await _redis.ExecuteAsync("HSET", "h", "a", 1, "b", "zwei");
        Assert.Equal([new("a", "1"), new("b", "zwei")], await _redis.HGetAllAsync("h"));
    }

    [Fact]
    public async Task A_script_is_sent_by_hash_and_loaded_once()
    {
        const string Script = "return {KEYS[1], ARGV[1], 'script'}";
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal<IEnumerable<string?>>(["k", "v", "script"], (await _redis.EvalAsync(Script, ["k"], ["v"])).AsStrings());
        }

        await _redis.ExecuteAsync("SCRIPT", "FLUSH");
        Assert.Equal<IEnumerable<string?>>(["k", "v", "script"], (await _redis.EvalAsync(Script, ["k"], ["v"])).AsStrings());
        var stats = await _server.CliAsync("INFO", "commandstats");
        Assert.Contains("cmdstat_eval:calls=2,", stats, StringComparison.Ordinal);
        var failed = await Assert.ThrowsAsync<RedisErrorException>(async () => await _redis.EvalAsync("return redis.error_reply('MINE is bad')"));
        Assert.Equal("MINE", failed.Code);
    }

    [Fact]
    public async Task Scanning_gives_each_key_once()
    {
        await _redis.BatchAsync(Enumerable.Range(0, 3000).Aggregate(new RedisBatch(), static (batch, i) => batch.Add("SET", $"scan:{i}", i)));
        var keys = new List<string>();
        await foreach (var key in _redis.ScanAsync("scan:*"))
        {
            keys.Add(key);
            if (keys.Count == 100)
            {
                // A growing table makes Redis give keys twice.
                await _redis.BatchAsync(Enumerable.Range(0, 20000).Aggregate(new RedisBatch(), static (batch, i) => batch.Add("SET", $"other:{i}", i)));
            }
        }

        Assert.Equal(Enumerable.Range(0, 3000).Select(static i => $"scan:{i}").Order(StringComparer.Ordinal), keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_batch_gives_each_reply_and_keeps_errors_as_values()
    {
        var replies = await _redis.BatchAsync(new RedisBatch().Add("SET", "b", 1).Add("LPUSH", "b", 1).Add("INCR", "b"));
        Assert.Equal("OK", replies[0].AsString());
        Assert.True(replies[1].IsError);
        Assert.Throws<RedisErrorException>(() => replies[1].AsInt64());
        Assert.Equal(2, replies[2].AsInt64());
        Assert.True((await _redis.BatchAsync(new RedisBatch().Add("NOSUCH")))[0].IsError);
        Assert.Empty(await _redis.BatchAsync(new RedisBatch()));
        Assert.Throws<InvalidOperationException>(() => new RedisBatch().Add("BLPOP", "a", 0));
    }

    [Fact]
    public async Task A_transaction_is_carried_out_whole_or_not_at_all()
    {
        var replies = await _redis.TransactionAsync(new RedisBatch().Add("SET", "t", 1).Add("INCR", "t"));
        Assert.Equal(2, replies[1].AsInt64());
        var exception = await Assert.ThrowsAsync<RedisErrorException>(
            async () => await _redis.TransactionAsync(new RedisBatch().Add("INCR", "t").Add("NOSUCHCOMMAND")));
        Assert.StartsWith("ERR unknown command", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await _redis.ExecuteAsync("GET", "t")).AsInt64());
    }

    [Fact]
    public async Task Transactions_of_many_callers_do_not_mix()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            for (var n = 0; n < 20; n++)
            {
                var replies = await _redis.TransactionAsync(new RedisBatch().Add("SET", "mine", i).Add("GET", "mine"));
                Assert.Equal(i, replies[1].AsInt64());
                await _redis.ExecuteAsync("SET", "mine", "other");
            }
        })));
    }

    [Fact]
    public async Task A_thousand_callers_each_get_their_own_reply()
    {
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Task.Run(async () =>
        {
            for (var n = 0; n < 30; n++)
            {
                var text = $"{i}/{n}" + new string('x', n * 7);
                Assert.Equal(text, (await _redis.ExecuteAsync("ECHO", text)).AsString());
            }
        })));
    }

    [Fact]
    public async Task Code_that_blocks_after_a_reply_holds_up_nobody_else()
    {
        using var gate = new ManualResetEventSlim();
        var blocked = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            await _redis.ExecuteAsync("PING");
            gate.Wait();
        })).ToArray();
        for (var i = 0; i < 200; i++)
        {
            await _redis.ExecuteAsync("PING");
        }

        Assert.DoesNotContain(blocked, static task => task.IsCompleted && task.IsFaulted);
        gate.Set();
        await Task.WhenAll(blocked);
    }

    [Fact]
    public async Task Code_that_blocks_on_its_own_next_reply_gets_it()
    {
        // Many at once, so that their commands are gathered while completions run.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                await _redis.ExecuteAsync("PING");
#pragma warning disable xUnit1031, CA2012 // Blocking is what is tested.
                Assert.Equal("x", _redis.ExecuteAsync("ECHO", "x").AsTask().GetAwaiter().GetResult().AsString());
#pragma warning restore xUnit1031, CA2012
            }
        })));
    }

    [Fact]
    public async Task The_status_says_where_and_how_it_stands()
    {
        Assert.True(_redis.IsConnected);
        Assert.True(await _redis.PingAsync() > TimeSpan.Zero);
        var status = _redis.Status;
        Assert.Equal((RedisConnectionState.Connected, _server.Socket, 0L), (status.State, status.Endpoint, status.Reconnects));
    }

    [Fact]
    public async Task A_loss_and_its_end_are_in_the_log()
    {
        using var log = new NotedLog();
        await using var server = await RedisServer.StartAsync();
        await using var redis = await RedisClient.ConnectAsync(new RedisClientOptions { Uri = server.Uri }, log);
        await server.KillAsync();
        await Until.TrueAsync(() => log.Lines.Any(static line => line.StartsWith("Warning: Redis connection failed (commands)", StringComparison.Ordinal)), "the loss is noted");
        await server.LaunchAsync();
        await Until.TrueAsync(() => redis.IsConnected, "the connection is regained");
        await Until.TrueAsync(() => log.Lines.Any(static line => line.StartsWith("Information: Redis connection restored (commands)", StringComparison.Ordinal)), "its end is noted");
        Assert.Single(log.Lines, static line => line.StartsWith("Warning: Redis connection lost (commands)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disposed_client_says_so()
    {
        var client = await _server.ConnectAsync();
        await client.DisposeAsync();
        await client.DisposeAsync();
        Assert.False(client.IsConnected);
        Assert.Equal(RedisConnectionState.Closed, client.Status.State);
        await Assert.ThrowsAsync<RedisUnavailableException>(async () => await client.ExecuteAsync("PING"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await client.SubscribeAsync("c"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await client.OpenDedicatedAsync());
    }

    [Fact]
    public async Task Something_that_listens_is_found_by_a_probe()
    {
        Assert.True(await RedisClient.ProbeAsync(_server.Uri, TimeSpan.FromSeconds(5)));
        Assert.False(await RedisClient.ProbeAsync("unix:///nowhere/redis.sock", TimeSpan.FromSeconds(5)));
        Assert.False(await RedisClient.ProbeAsync($"redis://127.0.0.1:{RedisServer.FreePort()}", TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task A_cancelled_command_ends_at_once_and_the_next_replies_stay_right()
    {
        using var cancelled = new CancellationTokenSource();
        await _server.FreezeAsync();
        var one = _redis.ExecuteAsync("ECHO", ["one"], cancelled.Token).AsTask();
        var two = _redis.ExecuteAsync("ECHO", "two").AsTask();
        await cancelled.CancelAsync();
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.Equal(cancelled.Token, exception.CancellationToken);
        await _server.ThawAsync();
        Assert.Equal("two", (await two).AsString());
        Assert.Equal("three", (await _redis.ExecuteAsync("ECHO", "three")).AsString());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _redis.ExecuteAsync("PING", [], cancelled.Token));
    }

    [Fact]
    public async Task Cancelling_at_any_moment_never_mixes_up_replies()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
        {
            for (var n = 0; n < 300; n++)
            {
                using var source = new CancellationTokenSource();
                var text = $"{i}.{n}";
                var command = _redis.ExecuteAsync("ECHO", [text], source.Token);
                if (n % 3 == 0)
                {
                    await source.CancelAsync();
                }

                try
                {
                    Assert.Equal(text, (await command).AsString());
                }
                catch (OperationCanceledException)
                {
                    Assert.True(source.IsCancellationRequested);
                }
            }
        })));
    }
}
