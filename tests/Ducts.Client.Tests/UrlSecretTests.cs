using System.Net.Sockets;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Ducts.Client.Tests;

/// <summary>What is in an exception ends in logs and reports.</summary>
public sealed class UrlSecretTests
{
    private const string Id = "3bf0e158b223fe43fb8c2681f918d9e38c8a7393.MTY0NjU2MTE0NjE1NC0w";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/ducts/ws/v1/" + Id, "/ducts/ws/v1/…")]
    [InlineData("/ws/" + Id + "/reconnect", "/ws/…/reconnect")]
    [InlineData("/" + Id + "/ws?ticket=" + Id, "/…/…")]
    [InlineData("/abc.def", "/…")]
    public async Task An_error_of_a_socket_names_its_address_without_the_session(string path, string shown)
    {
        await using var server = await PlayedServer.StartAsync();
        server.SocketStatus = 403;
        var (free, refusing) = (FreePort(), server.Discovery.Port);
        foreach (var port in new[] { free, refusing })
        {
            server.Discover = context => AnswerAsync(context, $"ws://user:password@127.0.0.1:{port}{path}");

            var error = await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(server.Discovery));

            Assert.StartsWith($"The WebSocket at ws://127.0.0.1:{port}{shown} cannot be opened: ", error.Message, StringComparison.Ordinal);
            AssertSecret(error, Id, "abc.def", "password");
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1/ducts/ws/v1/" + Id)]
    [InlineData("/ducts/ws/v1/" + Id)]
    [InlineData("ws://[/" + Id)]
    public async Task An_address_that_is_none_of_a_socket_is_refused_without_being_named(string url)
    {
        await using var server = await PlayedServer.StartAsync();
        server.Discover = context => AnswerAsync(context, url);

        var error = await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(server.Discovery));

        Assert.Contains("websocket_url is not an absolute URL that begins with ws:// or wss://", error.Message, StringComparison.Ordinal);
        AssertSecret(error, Id);
    }

    [Fact]
    public async Task An_error_of_service_discovery_names_its_address_without_user_and_query()
    {
        await using var server = await PlayedServer.StartAsync();
        var url = new UriBuilder(server.Discovery) { UserName = "user", Password = "password", Query = "token=hush" };
        server.Discover = static context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        };
        AssertSecret(await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(url.Uri)), "hush", "password");
        server.Discover = static context => context.Response.WriteAsync("a page");
        AssertSecret(await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(url.Uri)), "hush", "password");
        url.Port = FreePort();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(url.Uri));
        AssertSecret(error, "hush", "password");
        Assert.StartsWith($"Service discovery at http://127.0.0.1:{url.Port}/ducts/wsd cannot be reached", error.Message, StringComparison.Ordinal);
    }

    // With the causes and all they say.
    private static void AssertSecret(Exception error, params string[] secrets) =>
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, error.ToString(), StringComparison.Ordinal));

    private static Task<DuctsClient> ConnectAsync(Uri url) =>
        DuctsClient.ConnectAsync(url, new DuctsClientOptions { OpenTimeout = TimeSpan.Zero }, Token);

    private static Task AnswerAsync(HttpContext context, string url) => context.Response.WriteAsJsonAsync(
        new Dictionary<string, object> { ["websocket_url"] = url, ["websocket_url_reconnect"] = url, ["EVENT"] = new Dictionary<string, int>() }, Token);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
