namespace Ducts.Redis.Tests;

public sealed class DedicatedTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private RedisClient _redis = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _redis = await _server.ConnectAsync(static options => options.CommandTimeout = TimeSpan.FromSeconds(2));
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_blocking_command_waits_beyond_the_command_timeout_and_holds_up_nobody()
    {
        await using var own = await _redis.OpenDedicatedAsync();
        var popped = own.ExecuteAsync("BLPOP", "queue", 0).AsTask();
        var behind = own.ExecuteAsync("PING").AsTask();
        await Task.Delay(2500);
        Assert.False(popped.IsCompleted);
        await _redis.ExecuteAsync("RPUSH", "queue", "item");
        Assert.Equal<IEnumerable<string?>>(["queue", "item"], (await popped).AsStrings());
        Assert.Equal("PONG", (await behind).AsString());
    }

    [Fact]
    public async Task A_watched_key_that_changes_stops_the_transaction()
    {
        await _redis.ExecuteAsync("SET", "w", 1);
        await using var own = await _redis.OpenDedicatedAsync();
        await own.ExecuteAsync("WATCH", "w");
        await _redis.ExecuteAsync("INCR", "w");
        Assert.Null(await own.TransactionAsync(new RedisBatch().Add("SET", "w", 100)));
        await own.ExecuteAsync("WATCH", "w");
        Assert.Equal(3, (await own.TransactionAsync(new RedisBatch().Add("INCR", "w")))![0].AsInt64());
    }

    [Fact]
    public async Task Multi_and_exec_can_be_run_step_by_step()
    {
        await using var own = await _redis.OpenDedicatedAsync();
        Assert.Equal("OK", (await own.ExecuteAsync("MULTI")).AsString());
        Assert.Equal("QUEUED", (await own.ExecuteAsync("SET", "m", 1)).AsString());
        Assert.Equal("QUEUED", (await own.ExecuteAsync("INCR", "m")).AsString());
        Assert.Equal(2, (await own.ExecuteAsync("EXEC"))[1].AsInt64());
    }

    [Fact]
    public async Task A_connection_given_back_as_it_was_is_used_again()
    {
        string id;
        await using (var own = await _redis.OpenDedicatedAsync())
        {
            id = (await own.ExecuteStringAsync("CLIENT", "ID")).ToString();
        }

        // CLIENT may change a connection; this one was closed.
        await using (var own = await _redis.OpenDedicatedAsync())
        {
            Assert.NotEqual(id, (await own.ExecuteAsync("EVAL", "return 1", 0)).ToString());
        }

        var before = await CountAsync();
        for (var i = 0; i < 5; i++)
        {
            await using var own = await _redis.OpenDedicatedAsync();
            await own.ExecuteAsync("GET", "x");
        }

        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task A_connection_left_in_a_transaction_is_not_used_again()
    {
        await using (var own = await _redis.OpenDedicatedAsync())
        {
            await own.ExecuteAsync("MULTI");
        }

        await using var next = await _redis.OpenDedicatedAsync();
        Assert.Equal("PONG", (await next.ExecuteAsync("PING")).AsString());
    }

    [Theory]
    [InlineData("WATCH", "k")]
    [InlineData("select", "1")]
    [InlineData("client", "setname", "mine")]
    [InlineData("SCRIPT", "DEBUG", "NO")]
    [InlineData("READONLY")]
    public async Task A_connection_that_is_not_as_it_was_opened_is_not_used_again(string command, params string[] arguments)
    {
        await using (var own = await _redis.OpenDedicatedAsync())
        {
            try
            {
                await own.ExecuteAsync(command, [.. arguments.Select(static text => (RedisArgument)text)]);
            }
            catch (RedisErrorException)
            {
                // READONLY is for clusters; who gives an error may have changed something all the same.
            }
        }

        await using var next = await _redis.OpenDedicatedAsync();
        var info = (await next.ExecuteStringAsync("CLIENT", "INFO")).ToString();
        Assert.Contains(" name=ducts ", info, StringComparison.Ordinal);
        Assert.Contains(" db=0 ", info, StringComparison.Ordinal);
        await _redis.ExecuteAsync("INCR", "k");
        Assert.NotNull(await next.TransactionAsync(new RedisBatch().Add("PING")));
    }

    [Fact]
    public async Task A_connection_given_back_is_its_next_owners_alone()
    {
        var first = await _redis.OpenDedicatedAsync();
        await first.DisposeAsync();
        await using (var second = await _redis.OpenDedicatedAsync())
        {
            await second.ExecuteAsync("MULTI");
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await first.TransactionAsync(new RedisBatch().Add("PING")));
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await first.ExecuteAsync("DISCARD"));
        }

        await using var third = await _redis.OpenDedicatedAsync();
        Assert.Equal("PONG", (await third.ExecuteAsync("PING")).AsString());
    }

    [Fact]
    public async Task Monitor_shows_what_others_do()
    {
        await using var own = await _redis.OpenDedicatedAsync();
        await own.ExecuteAsync("MONITOR");
        await _redis.ExecuteAsync("SET", "seen", 1);
        await foreach (var line in own.ReadUnaskedAsync())
        {
            if (line.AsString()!.Contains("\"seen\"", StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail("The command was not shown.");
    }

    [Fact]
    public async Task A_cancelled_wait_ends_and_its_connection_is_closed()
    {
        using var source = new CancellationTokenSource();
        await using (var own = await _redis.OpenDedicatedAsync())
        {
            var waiting = own.ExecuteAsync("BLPOP", ["never", 0], source.Token).AsTask();
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        await Until.TrueAsync(async () => !(await _server.CliAsync("CLIENT", "LIST")).Contains("cmd=blpop", StringComparison.Ordinal), "the waiting connection is gone");
    }

    [Fact]
    public async Task A_lost_connection_tells_those_who_wait()
    {
        await using var own = await _redis.OpenDedicatedAsync();
        var waiting = own.ExecuteAsync("BLPOP", "never", 0).AsTask();
        await Until.TrueAsync(async () => (await _server.CliAsync("CLIENT", "LIST")).Contains("cmd=blpop", StringComparison.Ordinal), "Redis waits");
        await _server.CliAsync("CLIENT", "KILL", "TYPE", "normal");
        Assert.True((await Assert.ThrowsAsync<RedisUnavailableException>(() => waiting)).IsOutcomeUnknown);
        await Until.TrueAsync(() => !own.IsConnected, "the connection knows");
        Assert.False((await Assert.ThrowsAsync<RedisUnavailableException>(async () => await own.ExecuteAsync("PING"))).IsOutcomeUnknown);
    }

    private async Task<int> CountAsync() =>
        (await _server.CliAsync("CLIENT", "LIST")).Split('\n').Count(static line => line.Contains("name=ducts", StringComparison.Ordinal));
}
