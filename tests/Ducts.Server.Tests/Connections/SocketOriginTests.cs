using System.Security.Claims;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Connections;

/// <summary>What the page may do that opens a WebSocket, to which browsers add the user's cookies wherever the page is from.</summary>
public sealed class SocketOriginTests(RedisFixture redis)
{
    [Theory]
    [InlineData("https://any.example", "nobody")]
    [InlineData("null", "nobody")]
    [InlineData("https://friend.example", "ada")]
    [InlineData("http://127.0.0.1:{port}", "ada")]
    [InlineData("ws://127.0.0.1:{port}", "ada")]
    [InlineData(null, "ada")]
    public async Task A_socket_that_only_a_star_admits_has_no_user(string? origin, string user)
    {
        await using var server = await StartAsync("*", "https://friend.example");

        await using var client = await WireClient.AskAsync(server.Port, (await server.IssueAsync()).Path, Headers(server, origin));

        Assert.Equal(101, client.Status);
        Assert.Equal($"[1,2000,\"{user}\"]", await client.CallAsync("[1,2000,null]"));
    }

    [Fact]
    public async Task A_page_that_only_a_star_admits_takes_no_users_session_over()
    {
        await using var server = await StartAsync("*");
        var (mine, nobodys) = (await server.IssueAsync(), await server.IssueAsync());
        await using var first = await WireClient.AskAsync(server.Port, mine.Path, Headers(server, "http://127.0.0.1:{port}"));
        await using var second = await WireClient.AskAsync(server.Port, nobodys.Path, Headers(server, "https://any.example"));

        await using var stolen = await WireClient.AskAsync(server.Port, mine.ReconnectPath, Headers(server, "https://any.example"));
        await using var own = await WireClient.AskAsync(server.Port, nobodys.ReconnectPath, Headers(server, "https://any.example"));

        Assert.Equal((403, 101), (stolen.Status, own.Status));
        Assert.Equal("[1,2000,\"ada\"]", await first.CallAsync("[1,2000,null]"));
    }

    [Theory]
    [InlineData("evil.example", 403)]
    [InlineData("localhost", 101)]
    public async Task A_page_of_a_name_that_was_led_here_gets_no_socket(string name, int status)
    {
        await using var server = await StartAsync();
        await using var client = await WireClient.ConnectAsync(server.Port);
        var host = $"{name}:{server.Port}";

        await client.SendRawAsync(System.Text.Encoding.ASCII.GetBytes(
            $"GET {(await server.IssueAsync()).Path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        await client.ReadAnswerAsync();

        Assert.Equal(status, client.Status);
    }

    private static string Headers(WireServer server, string? origin) =>
        (origin is null ? "" : $"Origin: {origin.Replace("{port}", $"{server.Port}", StringComparison.Ordinal)}\r\n") + "Cookie: user=ada\r\n";

    private Task<WireServer> StartAsync(params string[] origins) => WireServer.StartAsync(
        redis,
        options => options.Auth.AllowedOrigins = [.. origins],
        static app =>
        {
            app.MapEvent(2000, "WHO", static (IEventSession session) => session.User.Identity?.Name ?? "nobody");
            app.Use(static (context, next) =>
            {
                if (context.Request.Cookies["user"] is { } name)
                {
                    context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "cookie"));
                }

                return next(context);
            });
        });
}
