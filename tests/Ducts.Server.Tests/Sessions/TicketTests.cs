using System.Security.Cryptography;
using System.Text;
using Ducts.Redis;
using Ducts.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Tests.Sessions;

/// <summary>What service discovery keeps in Redis of sessions to be.</summary>
public sealed class TicketTests(RedisFixture redis)
{
    [Fact]
    public async Task Redis_has_no_secret_with_which_a_session_could_be_opened()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Auth.StreamKeyForSessionOpened = "SESSION/HASHED");
        var issued = await server.IssueAsync();
        var secret = issued.Path[(issued.Path.LastIndexOf('/') + 1)..issued.Path.LastIndexOf('.')];
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(secret)));

        var entry = await server.Redis.XGetAsync("SESSION/HASHED", issued.StreamId);
        var ticket = (await server.Redis.ExecuteAsync("GET", KeyOf("SESSION/HASHED", issued))).AsString()!;

        Assert.Equal(hash, entry["ssid"]);
        Assert.Contains(hash, ticket, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, ticket + string.Join(' ', entry.Values), StringComparison.Ordinal);
        // The hash is no secret: it opens nothing.
        await using (var thief = await WireClient.AskAsync(server.Port, issued.Path.Replace(secret, hash[..40], StringComparison.Ordinal)))
            Assert.Equal(403, thief.Status);
        await using var client = await server.OpenAsync(issued);
        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task A_ticket_outlives_its_entry_in_the_stream_which_is_trimmed()
    {
        await using var server = await WireServer.StartAsync(redis, static options =>
        {
            options.Auth.StreamKeyForSessionOpened = "SESSION/TRIMMED";
            options.Auth.SessionStreamMaxLength = 1;
        });
        var issued = await server.IssueAsync("&room=blue");
        // As many as Redis removes at once.
        for (var i = 0; i < 200; i++)
            await server.Redis.XAddAsync("SESSION/TRIMMED", ["i", i], 1);
        Assert.Empty(await server.Redis.XGetAsync("SESSION/TRIMMED", issued.StreamId));

        await using var client = await server.OpenAsync(issued);

        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
        Assert.Equal("blue", server.Session(issued).Ticket.Query["room"]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_clock_of_Redis_an_hour_off_changes_nothing(int hours)
    {
        var key = $"SESSION/CLOCK{hours}";
        await using var server = await WireServer.StartAsync(
            redis,
            options => options.Auth.StreamKeyForSessionOpened = key,
            host: web => web.ConfigureServices(services => services.AddSingleton<TimeProvider>(new ShiftedTime(TimeSpan.FromHours(hours)))));
        var fresh = await server.IssueAsync();
        var expired = await server.IssueAsync();
        var untilExpiry = (await server.Redis.ExecuteAsync("PTTL", KeyOf(key, expired))).AsInt64();
        Assert.InRange(untilExpiry, 1, 3_600_000);
        Assert.True((await server.Redis.ExecuteAsync("PEXPIRE", KeyOf(key, expired), 1)).AsBoolean());
        await Until.TrueAsync(async () => !(await server.Redis.ExecuteAsync("EXISTS", KeyOf(key, expired))).AsBoolean());

        await using var late = await WireClient.AskAsync(server.Port, expired.Path);
        Assert.Equal(403, late.Status);
        await using var client = await server.OpenAsync(fresh);
        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task One_ticket_opens_one_session_however_its_id_is_spelled()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Auth.StreamKeyForSessionOpened = "SESSION/SPELLED");
        // Its number has two digits, so that the base64 has padding.
        await server.Redis.XAddAsync("SESSION/SPELLED", "i", 1);
        var issued = await server.IssueAsync();
        var dot = issued.Path.LastIndexOf('.') + 1;
        var (head, encoded) = (issued.Path[..dot], issued.Path[dot..]);
        await using var client = await server.OpenAsync(issued);
        string[] spellings =
        [
            Base64("+" + issued.StreamId), Base64("0" + issued.StreamId), Base64(issued.StreamId.Replace("-", "-0", StringComparison.Ordinal)),
            Base64(" " + issued.StreamId), Base64(issued.StreamId + "\n"), encoded + "%20", encoded + "%0A", "%09" + encoded, encoded + "=", encoded.TrimEnd('=') + "====",
        ];

        foreach (var spelling in spellings)
        {
            foreach (var suffix in (string[])["", "/reconnect"])
            {
                await using var other = await WireClient.AskAsync(server.Port, head + spelling + suffix);
                Assert.True(other.Status == 403, $"{spelling}{suffix}: {other.Answer}");
            }
        }

        Assert.Equal(1, server.Sessions.Count);
        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));

        static string Base64(string text) => Uri.EscapeDataString(Convert.ToBase64String(Encoding.ASCII.GetBytes(text)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[\"ssid\"]")]
    [InlineData("[\"ssid\",null]")]
    [InlineData("[\"ssid\",5]")]
    [InlineData("[\"ssid\",\"\"]")]
    public async Task A_ticket_that_somebody_else_has_written_over_is_none(string value)
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Auth.StreamKeyForSessionOpened = "SESSION/OVERWRITTEN");
        var issued = await server.IssueAsync();
        await server.Redis.ExecuteAsync("SET", KeyOf("SESSION/OVERWRITTEN", issued), value);

        await using var client = await WireClient.AskAsync(server.Port, issued.Path);

        Assert.Equal(403, client.Status);
        Assert.Empty(server.Log.Errors);
    }

    private static string KeyOf(string stream, Issued issued) => $"{stream}/TICKET/{issued.StreamId}";

    private sealed class ShiftedTime(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;
    }
}
