using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Tests.Identity;

/// <summary>A server whose users are known by <see cref="ClaimsScheme"/>, with a clock of its own.</summary>
internal sealed class UserServer : IAsyncDisposable
{
    private readonly HttpClient _http;

    private UserServer(WireServer server, MovableTime time)
    {
        Wire = server;
        Time = time;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
    }

    public WireServer Wire { get; }

    public MovableTime Time { get; }

    public static async Task<UserServer> StartAsync(
        RedisFixture redis,
        Action<DuctsOptions>? configure = null,
        Action<WebApplication>? map = null,
        Action<IServiceCollection>? services = null,
        Action<IEndpointConventionBuilder>? conventions = null)
    {
        var time = new MovableTime();
        var server = await WireServer.StartAsync(
            redis,
            configure,
            app =>
            {
                app.MapEvent(2000, "WHO", static (IEventSession session) => session.User.FindFirst("sub")?.Value ?? "nobody");
                map?.Invoke(app);
            },
            host: web => web.ConfigureServices(added =>
            {
                added.AddSingleton<TimeProvider>(time);
                added.AddAuthentication(ClaimsScheme.Name).AddScheme<AuthenticationSchemeOptions, ClaimsScheme>(ClaimsScheme.Name, null);
                services?.Invoke(added);
            }),
            conventions: conventions);
        return new UserServer(server, time);
    }

    /// <summary>Returns the header of a request of a user.</summary>
    public static string HeaderOf(string claims) => $"Authorization: {ClaimsScheme.Name} {claims}\r\n";

    /// <summary>Returns claims whose authentication expires at a time from now.</summary>
    public string Expiring(string claims, TimeSpan after) =>
        string.Create(CultureInfo.InvariantCulture, $"{claims},exp={(Time.GetUtcNow() + after).ToUnixTimeSeconds()}");

    /// <summary>Asks service discovery; null for nobody.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Answer, HttpResponseMessage Response)> DiscoverAsync(string? claims, string query = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ducts/wsd?uuid=test" + query);
        if (claims is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"{ClaimsScheme.Name} {claims}");
        }

        var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        using var document = JsonDocument.Parse(text.Length == 0 ? "null" : text);
        return (response.StatusCode, document.RootElement.Clone(), response);
    }

    /// <summary>Returns the ticket of a user, or of nobody, for the URL of a WebSocket.</summary>
    public async Task<Issued> IssueAsync(string? claims, string query = "")
    {
        var (status, answer, _) = await DiscoverAsync(claims, query);
        Assert.Equal(HttpStatusCode.OK, status);
        var path = new Uri(answer.GetProperty("websocket_url").GetString()!).AbsolutePath;
        return new Issued(path, Encoding.ASCII.GetString(Convert.FromBase64String(path[(path.LastIndexOf('.') + 1)..])))
        {
            Key = answer.GetProperty("session_key").GetString()!,
        };
    }

    public async Task<WireClient> OpenAsync(string? claims) => await OpenAsync(await IssueAsync(claims));

    public async Task<WireClient> OpenAsync(Issued issued) => await WireClient.OpenAsync(Wire.Port, issued.Path);

    /// <summary>Returns the status that a WebSocket gets.</summary>
    public async Task<int> AskAsync(string path, string? claims = null)
    {
        await using var client = await WireClient.AskAsync(Wire.Port, path, claims is null ? "" : HeaderOf(claims));
        return client.Status;
    }

    /// <summary>Asks AUTHENTICATE with a new ticket.</summary>
    public async Task<string> AuthenticateAsync(WireClient client, string? claims) => await AuthenticateAsync(client, await IssueAsync(claims));

    public static async Task<string> AuthenticateAsync(WireClient client, Issued ticket) =>
        await client.CallAsync($$"""["auth",10,{"ticket":"{{Uri.UnescapeDataString(ticket.Path[(ticket.Path.LastIndexOf('/') + 1)..])}}"}]""");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Wire.DisposeAsync();
    }
}
