namespace Ducts.Redis.Tests;

public sealed class SignInTests
{
    [Fact]
    public async Task A_password_is_needed_and_enough()
    {
        await using var server = await RedisServer.StartAsync(0, "--requirepass", "se:cret@");
        await using var redis = await Clients.ConnectAsync($"unix://:se%3Acret%40@{server.Socket}?db=3");
        await redis.ExecuteAsync("SET", "k", "v");
        Assert.Equal("v", (await redis.ExecuteAsync("GET", "k")).AsString());
        var exception = await Assert.ThrowsAsync<RedisErrorException>(() => Clients.ConnectAsync($"unix://:wrong@{server.Socket}"));
        Assert.Equal("WRONGPASS", exception.Code);
    }

    [Fact]
    public async Task An_ACL_user_signs_in_and_may_what_it_may()
    {
        await using var server = await RedisServer.StartAsync();
        await server.CliAsync("ACL", "SETUSER", "reader", "on", ">pw", "~allowed:*", "+get", "+ping", "+hello", "+select");
        await using var redis = await Clients.ConnectAsync($"unix://reader:pw@{server.Socket}");
        Assert.True((await redis.ExecuteAsync("GET", "allowed:1")).IsNull);
        Assert.Equal("NOPERM", (await Assert.ThrowsAsync<RedisErrorException>(async () => await redis.ExecuteAsync("SET", "allowed:1", 1))).Code);
        Assert.Equal("NOPERM", (await Assert.ThrowsAsync<RedisErrorException>(async () => await redis.ExecuteAsync("GET", "other"))).Code);
    }

    [Fact]
    public async Task The_database_of_the_uri_is_selected_on_every_connection()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await Clients.ConnectAsync(server.Uri + "?db=5");
        await redis.ExecuteAsync("SET", "k", "five");
        await using (var own = await redis.OpenDedicatedAsync())
        {
            Assert.Equal("five", (await own.ExecuteAsync("GET", "k")).AsString());
        }

        await server.CliAsync("CLIENT", "KILL", "TYPE", "normal");
        await Until.TrueAsync(() => redis.Status.Reconnects > 0, "the connection is regained");
        Assert.Equal("five", (await redis.ExecuteAsync("GET", "k")).AsString());
        Assert.Equal("five", await server.CliAsync("-n", "5", "GET", "k"));
        Assert.Equal("ERR", (await Assert.ThrowsAsync<RedisErrorException>(() => Clients.ConnectAsync(server.Uri + "?db=99"))).Code);
    }

    [Fact]
    public async Task A_server_without_HELLO_is_spoken_to_in_RESP2()
    {
        await using var server = await RedisServer.StartAsync(0, "--requirepass", "pw", "--rename-command", "HELLO", "");
        await using var redis = await Clients.ConnectAsync($"unix://:pw@{server.Socket}?db=2");
        await redis.ExecuteAsync("HSET", "h", "a", 1, "b", 2);
        Assert.Equal(RedisReplyKind.Array, (await redis.ExecuteAsync("HGETALL", "h")).Kind);
        Assert.Equal([new("a", "1"), new("b", "2")], await redis.HGetAllAsync("h"));
        Assert.True((await redis.ExecuteAsync("GET", "none")).IsNull);
        await using var subscription = await redis.SubscribeAsync("c");
        await using var follower = redis.PSubAndXRangeAsync("c", "s", lastCount: 1).GetAsyncEnumerator();
        await redis.XAddAsync("s", "i", 0);
        Assert.Equal(["0"], await FollowerTests.TakeAsync(follower, 1));
        Assert.Equal(2, (await redis.XAddAndPublishAsync("c", "s", "i", 1)).Receivers);
        Assert.Single(await SubscriptionTests.TakeAsync(subscription, 1));
        Assert.Equal(["1"], await FollowerTests.TakeAsync(follower, 1));
        await subscription.DisposeAsync();
    }

    [Fact]
    public async Task An_idle_subscription_in_RESP2_survives_its_heartbeats()
    {
        await using var server = await RedisServer.StartAsync(0, "--rename-command", "HELLO", "");
        await using var redis = await server.ConnectAsync(static options =>
        {
            options.CommandTimeout = TimeSpan.FromSeconds(2);
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
        });
        await using var subscription = await redis.SubscribeAsync("idle");
        await Until.TrueAsync(async () => (await server.CliAsync("INFO", "commandstats")).Contains("cmdstat_ping:calls=1", StringComparison.Ordinal), "heartbeats come");
        await redis.ExecuteAsync("PUBLISH", "idle", "x");
        Assert.Equal("x", (await SubscriptionTests.TakeAsync(subscription, 1))[0].Payload);
        Assert.Equal(0, redis.Status.Reconnects);
    }

    [Fact]
    public async Task A_frozen_server_is_noticed_by_an_idle_subscription()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await server.ConnectAsync(static options =>
        {
            options.CommandTimeout = TimeSpan.FromMilliseconds(500);
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
        });
        await using var subscription = await redis.SubscribeAsync("idle");
        await server.FreezeAsync();
        await Until.TrueAsync(() => !redis.IsConnected, "the silence is noticed");
        await server.ThawAsync();
        await Until.TrueAsync(() => redis.IsConnected, "the connection is back");
        await Until.TrueAsync(async () => (await server.CliAsync("PUBLISH", "idle", "x")) != "0", "the subscription is back");
    }

    [Fact]
    public async Task TLS_is_spoken_with_a_server_whose_authority_is_trusted()
    {
        var folder = Directory.CreateTempSubdirectory("redis-tls-").FullName;
        var pem = Certificates.Write(folder, "server");
        var other = Certificates.Write(folder, "other");
        var port = RedisServer.FreePort();
        await using var server = await RedisServer.StartAsync(
            0, "--tls-port", $"{port}", "--tls-cert-file", pem.Certificate, "--tls-key-file", pem.Key, "--tls-ca-cert-file", pem.Ca, "--tls-auth-clients", "no");
        await using var redis = await Clients.ConnectAsync($"rediss://127.0.0.1:{port}?ca_file={Uri.EscapeDataString(pem.Ca)}");
        var bytes = new byte[300_000];
        Random.Shared.NextBytes(bytes);
        await redis.ExecuteAsync("SET", "k", bytes);
        Assert.True((await redis.ExecuteAsync("GET", "k")).AsBytes().Span.SequenceEqual(bytes));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            for (var n = 0; n < 20; n++)
            {
                Assert.Equal($"{i}.{n}", (await redis.ExecuteAsync("ECHO", $"{i}.{n}")).AsString());
            }
        }));
        await using var subscription = await redis.SubscribeAsync("c");
        await redis.ExecuteAsync("PUBLISH", "c", "x");
        Assert.Single(await SubscriptionTests.TakeAsync(subscription, 1));

        await Assert.ThrowsAsync<RedisUnavailableException>(() => Clients.ConnectAsync($"rediss://127.0.0.1:{port}?ca_file={Uri.EscapeDataString(other.Ca)}"));
        await Assert.ThrowsAsync<RedisUnavailableException>(() => Clients.ConnectAsync($"rediss://127.0.0.1:{port}"));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task TLS_with_a_certificate_of_the_client()
    {
        var folder = Directory.CreateTempSubdirectory("redis-tls-").FullName;
        var pem = Certificates.Write(folder, "both");
        var port = RedisServer.FreePort();
        await using var server = await RedisServer.StartAsync(
            0, "--tls-port", $"{port}", "--tls-cert-file", pem.Certificate, "--tls-key-file", pem.Key, "--tls-ca-cert-file", pem.Ca, "--tls-auth-clients", "yes");
        var ca = $"rediss://127.0.0.1:{port}?ca_file={Uri.EscapeDataString(pem.Ca)}";
        await using var redis = await Clients.ConnectAsync($"{ca}&cert_file={Uri.EscapeDataString(pem.Certificate)}&key_file={Uri.EscapeDataString(pem.Key)}");
        Assert.Equal("PONG", (await redis.ExecuteAsync("PING")).AsString());
        await Assert.ThrowsAsync<RedisUnavailableException>(() => Clients.ConnectAsync(ca));
        Directory.Delete(folder, recursive: true);
    }
}
