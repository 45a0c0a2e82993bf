using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ducts.EndToEnd.Clients;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Doors;

/// <summary>What does not belong there, sent to the server's port.</summary>
public sealed partial class HttpDoorTests(HandlerServer server)
{
    [Theory]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET  HTTP/9.9\r\nHost: a\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n")]
    [InlineData("GET /ducts/wsd?uuid=a HTTP/1.1\r\nHost: a\r\nBroken header\r\n\r\n")]
    [InlineData("POST /ducts/wsd HTTP/1.1\r\nHost: a\r\nContent-Length: minus\r\n\r\n")]
    public async Task What_is_no_HTTP_is_refused_and_the_server_goes_on(string text)
    {
        using var connection = await RawConnection.OpenAsync(server.Address);
        await connection.SendAsync(Encoding.Latin1.GetBytes(text));
        Assert.StartsWith("HTTP/1.1 400 ", Encoding.Latin1.GetString(await connection.ReadToEndAsync()), StringComparison.Ordinal);
        await AssertAnswersAsync();
    }

    [Theory]
    [InlineData("ducts/wsd", HttpStatusCode.Forbidden, "uuid")]
    [InlineData("ducts/wsd?user=ada", HttpStatusCode.Forbidden, "uuid")]
    [InlineData("ducts/main?callback=alert(1)", HttpStatusCode.BadRequest, "callback")]
    [InlineData("ducts/api/v1/event/abc", HttpStatusCode.BadRequest, "integer")]
    [InlineData("ducts/api/v1/event/4711", HttpStatusCode.NotFound, "4711")]
    [InlineData("static/%2e%2e/config_server.ini", HttpStatusCode.NotFound, "")]
    [InlineData("static/..%2fconfig_server.ini", HttpStatusCode.NotFound, "")]
    [InlineData("ducts/libs/..%2f..%2fconfig_server.ini", HttpStatusCode.NotFound, "")]
    [InlineData("nowhere", HttpStatusCode.NotFound, "")]
    public async Task A_wrong_request_is_told_what_is_wrong(string path, HttpStatusCode status, string text)
    {
        using var answer = await Discovery.Http.GetAsync(new Uri(server.Address, path));
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(text, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Discovery_keeps_its_own_fields_from_the_query()
    {
        var wsd = await Discovery.Http.GetFromJsonAsync<JsonElement>(new Uri(server.Address, "ducts/wsd?uuid=%zz&ssid=mine&ip=192.0.2.1&more=%F0%9F%8E%88"));
        Assert.DoesNotContain("mine", wsd.GetProperty("websocket_url").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("..%2f..%2f")]
    [InlineData("3bf0e158b223fe43fb8c2681f918d9e38c8a7393.MTY0NjU2MTE0NjE1NC0w")]
    [InlineData("3bf0e158b223fe43fb8c2681f918d9e38c8a7393.")]
    [InlineData(".MTY0NjU2MTE0NjE1NC0w")]
    [InlineData("3bf0e158b223fe43fb8c2681f918d9e38c8a7393.%FF%FE")]
    public async Task An_id_that_no_discovery_gave_is_forbidden(string id)
    {
        foreach (var address in new[] { $"ducts/ws/v1/{id}", $"ducts/ws/v1/{id}/reconnect" })
            Assert.Equal(HttpStatusCode.Forbidden, await UpgradeAsync(new Uri(server.Address, address)));
    }

    [Fact]
    public async Task A_forged_id_of_a_real_session_is_forbidden_and_the_real_one_works()
    {
        var real = await Discovery.WebSocketAsync(server.Address);
        var forged = new Uri(real.AbsoluteUri.Replace("/v1/", "/v1/" + new string('0', 40), StringComparison.Ordinal).Remove(real.AbsoluteUri.IndexOf("/v1/", StringComparison.Ordinal) + 44, 40));
        Assert.Equal(real.AbsoluteUri.Length, forged.AbsoluteUri.Length);
        Assert.Equal(HttpStatusCode.Forbidden, await UpgradeAsync(Discovery.Plain(forged)));
        Assert.Equal(HttpStatusCode.Forbidden, await UpgradeAsync(Discovery.Plain(new Uri(real.AbsoluteUri + "/reconnect"))));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await UpgradeAsync(Discovery.Plain(real)));
    }

    [Fact]
    public async Task A_WebSocket_address_without_an_upgrade_asks_for_one()
    {
        using var answer = await Discovery.Http.GetAsync(Discovery.Plain(await Discovery.WebSocketAsync(server.Address)));
        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Contains("websocket", answer.Headers.Upgrade.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_id_that_was_never_used_expires()
    {
        await using var folder = new WorkingFolder();
        folder.Write("config_server.ini", "[ducts.auth_config]\nsession_ttl = 1\n");
        await folder.StartServerAsync();
        var address = await Discovery.WebSocketAsync(folder.Address!);
        var issued = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(StreamId().Match(Encoding.ASCII.GetString(Convert.FromBase64String(address.AbsolutePath.Split('.')[1]))).Value));
        await Until.TrueAsync(() => TimeProvider.System.GetUtcNow() - issued > TimeSpan.FromSeconds(1.5), () => "the end of the id's time");
        Assert.Equal(HttpStatusCode.Forbidden, await UpgradeAsync(Discovery.Plain(address)));
    }

    private static async Task<HttpStatusCode> UpgradeAsync(Uri address)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(new UriBuilder(address) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
        }
        catch (WebSocketException)
        {
            // The status says it.
        }
        return socket.HttpStatusCode;
    }

    private async Task AssertAnswersAsync()
    {
        using var answer = await Discovery.Http.GetAsync(new Uri(server.Address, "healthz"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>The milliseconds at which Redis gave an entry its id.</summary>
    [GeneratedRegex(@"^\d+")]
    private static partial Regex StreamId();
}
