using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ducts.Cli;

/// <summary>Tokens of an OpenID Connect provider.</summary>
public sealed partial class AuthorityTests : IAsyncLifetime
{
    private readonly Tool _tool = new();
    private readonly HttpClient _http = new();
    private readonly Authority _authority = new(FreePort());

    public ValueTask InitializeAsync()
    {
        _tool.Environment["DUCTS_AUTH__AUTHORITY"] = _authority.Address;
        _tool.Environment["DUCTS_AUTH__AUDIENCE"] = "app";
        _tool.Environment["DUCTS_IFCONF__LOG_FILE"] = "server.log";
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _authority.DisposeAsync();
        await _tool.DisposeAsync();
    }

    [Fact]
    public async Task A_token_of_the_authority_is_accepted_if_it_is_for_this_audience()
    {
        await _authority.StartAsync();
        var discovery = await StartAsync();

        Assert.Equal((HttpStatusCode.OK, "ada"), await AskAsync(discovery, _authority.Sign("ada", "app")));
        Assert.Equal((HttpStatusCode.OK, null), await AskAsync(discovery, null));
        Assert.Equal((HttpStatusCode.Unauthorized, "the token is for another audience"), await AskAsync(discovery, _authority.Sign("ada", "other")));
        Assert.Equal((HttpStatusCode.Unauthorized, "the token has another issuer"), await AskAsync(discovery, _authority.Sign("ada", "app", "https://elsewhere.example.org/")));
        await using var another = new Authority(new Uri(_authority.Address).Port);
        Assert.Equal((HttpStatusCode.Unauthorized, "the signature of the token is not valid"), await AskAsync(discovery, another.Sign("ada", "app")));
    }

    [Fact]
    public async Task Without_its_authority_the_server_starts_says_so_once_and_goes_on_when_it_is_there()
    {
        var discovery = await StartAsync();
        var token = _authority.Sign("ada", "app");

        Assert.Equal((HttpStatusCode.OK, null), await AskAsync(discovery, null));
        for (var i = 0; i < 3; i++)
        {
            using var request = Request(discovery, token);
            using var answer = await _http.SendAsync(request);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("5", answer.Headers.RetryAfter!.ToString());
            Assert.Contains("the keys that the token is checked with cannot be fetched", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await _authority.StartAsync();
        await Until.TrueAsync(() => AskAsync(discovery, token).GetAwaiter().GetResult() == (HttpStatusCode.OK, "ada"), "the user");
        await _tool.RunAsync("server", "stop");
        var log = await File.ReadAllTextAsync(Path.Combine(_tool.Folder, "server.log"));
        Assert.Contains($"[WARNING] The keys of authority {_authority.Address} cannot be fetched; requests with a token get 503, and the server tries again in 5 s at the earliest: ", log, StringComparison.Ordinal);
        Assert.Contains("Connection refused", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
        Assert.DoesNotContain(token, log, StringComparison.Ordinal);
    }

    private async Task<Uri> StartAsync()
    {
        var started = await _tool.RunAsync("server", "start");
        Assert.Equal((0, ""), (started.ExitCode, started.Error));
        return new Uri(new Uri(Address().Match((await _tool.RunAsync("server", "status")).Output).Value), "ducts/wsd?uuid=1");
    }

    private static HttpRequestMessage Request(Uri discovery, string? token) =>
        new(HttpMethod.Get, discovery) { Headers = { Authorization = token is null ? null : new("Bearer", token) } };

    /// <summary>Returns the status, and the user or what is wrong.</summary>
    private async Task<(HttpStatusCode Status, string? Said)> AskAsync(Uri discovery, string? token)
    {
        using var request = Request(discovery, token);
        using var answer = await _http.SendAsync(request);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var said = document.RootElement.TryGetProperty("user", out var user) || document.RootElement.TryGetProperty("error", out user) ? user.GetString() : null;
        return (answer.StatusCode, said);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/")]
    private static partial Regex Address();
}
