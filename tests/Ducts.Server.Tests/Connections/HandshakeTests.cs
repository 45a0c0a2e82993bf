using System.Text;
using Ducts.Tests.Support;

namespace Ducts.Tests.Connections;

public sealed class HandshakeTests(RedisFixture redis)
{
    [Fact]
    public async Task Ids_that_are_forged_truncated_malformed_or_unknown_get_403()
    {
        await using var server = await WireServer.StartAsync(redis);
        var path = (await server.IssueAsync()).Path;
        var slash = path.LastIndexOf('/') + 1;
        var (root, id) = (path[..slash], path[slash..]);
        var (secret, stream) = (id[..40], id[41..]);
        var forged = (secret[0] == '0' ? '1' : '0') + secret[1..];
        string[] wrong =
        [
            forged + "." + stream,
            secret + "." + Base64("1-1"),
            secret + "." + Base64("-"),
            secret + "." + Base64("9999999999999999999999-0"),
            secret + "." + Base64("1646561146154-0\nx"),
            secret + ".",
            secret,
            id[..^2],
            secret[..39] + "." + stream,
            secret.ToUpperInvariant() + "x." + stream,
            "..",
            "x",
            "%00",
            new string('a', 3000),
        ];

        foreach (var (text, suffix) in wrong.SelectMany(static text => new[] { (text, ""), (text, "/reconnect") }))
        {
            await using var client = await WireClient.AskAsync(server.Port, root + text + suffix);
            Assert.True(client.Status is 403 or 404 || (client.Status == 400 && text == "%00"), $"{text}{suffix}: {client.Answer}");
        }

        await using var good = await WireClient.OpenAsync(server.Port, path);
        Assert.Equal("[1,1000,1]", await good.CallAsync("[1,1000,1]"));
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/reconnect")]
    public async Task The_secret_of_one_session_opens_no_other(string suffix)
    {
        await using var server = await WireServer.StartAsync(redis);
        var mine = (await server.IssueAsync()).Path;
        var issued = await server.IssueAsync();
        await using var victim = await server.OpenAsync(issued);
        var foreign = mine[..mine.LastIndexOf('.')] + issued.Path[issued.Path.LastIndexOf('.')..];

        await using var client = await WireClient.AskAsync(server.Port, foreign + suffix);

        Assert.Equal(403, client.Status);
        Assert.Equal("[1,1000,1]", await victim.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task A_session_of_another_server_is_none_here()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var other = await WireServer.StartAsync(redis, static options => options.Auth.StreamKeyForSessionOpened = "SESSION/OTHER");
        var issued = await other.IssueAsync();

        await using var client = await WireClient.AskAsync(server.Port, issued.Path);

        Assert.Equal(403, client.Status);
    }

    [Fact]
    public async Task An_expired_id_gets_403()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Auth.SessionTtl = TimeSpan.FromSeconds(0.001));
        var issued = await server.IssueAsync();
        await Until.TrueAsync(async () => !(await server.Redis.ExecuteAsync("EXISTS", $"SESSION/2020/TICKET/{issued.StreamId}")).AsBoolean());

        await using var client = await WireClient.AskAsync(server.Port, issued.Path);

        Assert.Equal(403, client.Status);
    }

    [Fact]
    public async Task Reconnecting_a_session_that_was_never_opened_gets_403()
    {
        await using var server = await WireServer.StartAsync(redis);

        await using var client = await WireClient.AskAsync(server.Port, (await server.IssueAsync()).ReconnectPath);

        Assert.Equal(403, client.Status);
    }

    [Theory]
    [InlineData("http://evil.example", 403)]
    [InlineData("http://127.0.0.1.evil.example", 403)]
    [InlineData("null", 403)]
    [InlineData("https://friend.example", 101)]
    [InlineData("http://127.0.0.1:{port}", 101)]
    public async Task A_page_of_another_origin_gets_403_unless_it_is_allowed(string origin, int status)
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Auth.AllowedOrigins = ["https://friend.example"]);
        var header = $"Origin: {origin.Replace("{port}", $"{server.Port}", StringComparison.Ordinal)}\r\n";

        await using var client = await WireClient.AskAsync(server.Port, (await server.IssueAsync()).Path, header);

        Assert.Equal(status, client.Status);
    }

    [Fact]
    public async Task A_plain_request_is_told_that_WebSockets_are_spoken_here()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await WireClient.ConnectAsync(server.Port);
        await client.SendRawAsync(Encoding.ASCII.GetBytes($"GET {(await server.IssueAsync()).Path} HTTP/1.1\r\nHost: x\r\n\r\n"));

        await client.ReadAnswerAsync();

        Assert.Equal(426, client.Status);
        Assert.Contains("Upgrade: websocket", client.Answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_plain_request_for_a_reconnect_is_told_whether_the_session_lives()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Auth.AllowedOrigins = ["https://friend.example"]);
        var issued = await server.IssueAsync();
        Assert.StartsWith("HTTP/1.1 403", await AskPlainlyAsync(server, issued.ReconnectPath), StringComparison.Ordinal);

        await using (var client = await server.OpenAsync(issued))
        {
            Assert.StartsWith("HTTP/1.1 426", await AskPlainlyAsync(server, issued.ReconnectPath), StringComparison.Ordinal);
            // The question has not touched the session, and a page of a listed origin may read the answer.
            Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
            var listed = await AskPlainlyAsync(server, issued.ReconnectPath, "Origin: https://friend.example\r\n");
            Assert.Contains("Access-Control-Allow-Origin: https://friend.example", listed, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("no-store", listed, StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 403", await AskPlainlyAsync(server, issued.ReconnectPath, "Origin: https://evil.example\r\n"), StringComparison.Ordinal);
        }
    }

    private static async Task<string> AskPlainlyAsync(WireServer server, string path, string headers = "")
    {
        await using var client = await WireClient.ConnectAsync(server.Port);
        await client.SendRawAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n"));
        await client.ReadAnswerAsync();
        return client.Answer;
    }

    [Fact]
    public async Task The_accept_key_is_the_one_of_RFC_6455()
    {
        await using var server = await WireServer.StartAsync(redis);

        await using var client = await WireClient.AskAsync(server.Port, (await server.IssueAsync()).Path);

        Assert.Equal(101, client.Status);
        // SHA-1 of the key AAECAwQFBgcICQoLDA0ODw== and the RFC's GUID.
        Assert.Contains("Sec-WebSocket-Accept: " + AcceptOf("AAECAwQFBgcICQoLDA0ODw=="), client.Answer, StringComparison.OrdinalIgnoreCase);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

#pragma warning disable CA5350 // What RFC 6455 asks for.
    private static string AcceptOf(string key) => Convert.ToBase64String(
        System.Security.Cryptography.SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
