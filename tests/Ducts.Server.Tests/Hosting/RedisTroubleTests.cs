using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Ducts.Redis.Embedded;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.Server.Tests.Hosting;

/// <summary>A Redis that is there and cannot be used: what clients, supervisors and logs hear, and that it passes by itself.</summary>
public sealed class RedisTroubleTests(RedisFixture fixture) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ducts-trouble-").FullName;
    private EmbeddedRedis _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await EmbeddedRedis.StartAsync(_folder, NullLogger.Instance, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("READONLY", "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE")]
    [InlineData("OOM", "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0")]
    [InlineData("NOREPLICAS", "CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0")]
    [InlineData("NOPERM", "ACL SETUSER default -set", "ACL SETUSER default +@all")]
    [InlineData("NOPERM", "ACL SETUSER default -xadd", "ACL SETUSER default +@all")]
    [InlineData("NOPERM", "ACL SETUSER default resetkeys ~SESSION/2020", "ACL SETUSER default allkeys")]
    public async Task A_Redis_that_takes_no_writes_is_told_as_503_and_is_used_again_by_itself(string code, string breaking, string mending)
    {
        await using var server = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        await server.IssueAsync();

        await CliAsync(breaking);
        await AssertRefusedAsync(http, code);

        await CliAsync(mending);
        await AssertRecoversAsync(server, http);
    }

    [Fact]
    public async Task A_Redis_that_cannot_save_is_told_as_503_and_is_used_again_by_itself()
    {
        await using var server = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        // Nothing can be renamed over a folder.
        var obstacle = Directory.CreateDirectory(Path.Combine(_folder, "dump.rdb", "full")).FullName;
        await CliAsync("CONFIG SET save \"3600 1000000\"");
        await CliAsync("BGSAVE");
        await Until.TrueAsync(async () => (await CliAsync("INFO persistence")).Contains("rdb_last_bgsave_status:err", StringComparison.Ordinal));
        await AssertRefusedAsync(http, "MISCONF");

        Directory.Delete(Path.GetDirectoryName(obstacle)!, recursive: true);
        await CliAsync("BGSAVE");
        await AssertRecoversAsync(server, http);
    }

    [Fact]
    public async Task A_Redis_that_wants_a_password_all_of_a_sudden_is_told_as_503_and_is_used_again_by_itself()
    {
        await using var server = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        await CliAsync("CONFIG SET requirepass secret");
        await CliAsync("CLIENT KILL TYPE normal SKIPME yes", "secret");
        await AssertRefusedAsync(http, null);

        await CliAsync("CONFIG SET requirepass \"\"", "secret");
        await AssertRecoversAsync(server, http);
    }

    [Fact]
    public async Task After_a_failover_that_leaves_the_old_primary_up_the_new_one_is_used()
    {
        var other = Directory.CreateTempSubdirectory("ducts-trouble-").FullName;
        await using (var second = await EmbeddedRedis.StartAsync(other, NullLogger.Instance, CancellationToken.None))
        {
            // An address that follows the primary, as a service's name or a floating address does.
            var address = Path.Combine(_folder, "primary.sock");
            File.CreateSymbolicLink(address, _redis.Socket);
            await using var server = await StartAsync("unix://" + address);
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
            await server.IssueAsync();

            await CliAsync("REPLICAOF 127.0.0.1 1");
            await AssertRefusedAsync(http, "READONLY");
            File.CreateSymbolicLink(address + ".new", second.Socket);
            File.Move(address + ".new", address, overwrite: true);

            await AssertRecoversAsync(server, http);
        }

        Directory.Delete(other, recursive: true);
    }

    [Fact]
    public async Task A_socket_for_a_ticket_that_cannot_be_read_gets_503_and_when_to_come_back()
    {
        await using var server = await StartAsync();
        var issued = await server.IssueAsync();
        await CliAsync("ACL SETUSER default -get");

        await using (var refused = await WireClient.AskAsync(server.Port, issued.Path))
        {
            Assert.Equal(503, refused.Status);
            Assert.Contains("Retry-After: 1\r\n", refused.Answer, StringComparison.Ordinal);
        }

        await CliAsync("ACL SETUSER default +@all");
        await using var client = await server.OpenAsync(issued);
        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
    }

    private async Task<WireServer> StartAsync(string? uri = null) => await WireServer.StartAsync(
        fixture,
        options => options.Redis.RedisUriMain = uri ?? _redis.Uri,
        static app => app.MapDuctsHealthChecks(),
        host: static web => web.ConfigureServices(static services => services.AddHealthChecks().AddDucts()));

    private static async Task AssertRefusedAsync(HttpClient http, string? code)
    {
        foreach (var path in (string[])["/ducts/wsd?uuid=1", "/ducts/main"])
        {
            using var answer = await http.GetAsync(path);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{(int)answer.StatusCode} {text}");
            Assert.NotNull(answer.Headers.RetryAfter?.Delta);
            using var error = JsonDocument.Parse(text);
            // By the second call the client may be about to connect anew, and to find nothing better.
            Assert.Matches(code is null ? "Redis" : $"^Redis (does not take writes: {code}|is out of reach)$", error.RootElement.GetProperty("error").GetString());
        }

        using var ready = await http.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        using var alive = await http.GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    private static async Task AssertRecoversAsync(WireServer server, HttpClient http)
    {
        await Until.TrueAsync(async () =>
        {
            using var ready = await http.GetAsync("/readyz");
            return ready.StatusCode == HttpStatusCode.OK;
        });
        await Until.TrueAsync(async () =>
        {
            using var discovery = await http.GetAsync("/ducts/wsd?uuid=1");
            return discovery.StatusCode == HttpStatusCode.OK;
        });
        await using var client = await server.OpenAsync();
        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
        // The framework logs what the health checks find; of Ducts itself nothing is an error.
        Assert.DoesNotContain(server.Log.Errors, static line => !line.StartsWith("Health check ", StringComparison.Ordinal));
    }

    /// <summary>Runs a command on a connection of its own, whatever the server's client does.</summary>
    private async Task<string> CliAsync(string command, string? password = null)
    {
        var start = new ProcessStartInfo("redis-cli", ["-s", _redis.Socket]) { RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true };
        if (password is not null)
        {
            start.Environment["REDISCLI_AUTH"] = password;
        }

        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(command);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }
}
