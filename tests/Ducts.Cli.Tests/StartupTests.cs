using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ducts.Cli;

/// <summary>startup.cs of the handler folder.</summary>
public sealed partial class StartupTests : IAsyncLifetime
{
    /// <summary>An authentication scheme of the folder's own, and a service that handlers take.</summary>
    private const string ApiKeys = """
        using System.Text.Encodings.Web;
        using Microsoft.AspNetCore.Authentication;
        using Microsoft.AspNetCore.Builder;
        using Microsoft.Extensions.Options;

        public static class Startup
        {
            public static void Configure(WebApplicationBuilder builder)
            {
                var users = JsonSerializer.Deserialize<Dictionary<string, string>>(builder.Configuration["api_keys_config:users"]!)!;
                builder.Services.AddSingleton(new ApiKeys(users));
                builder.Services.AddAuthentication("ApiKey").AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>("ApiKey", null);
            }
        }

        [Config("api_keys_config")]
        public sealed record ApiKeyOptions
        {
            public Dictionary<string, string> Users { get; init; } = [];
        }

        public sealed record ApiKeys(Dictionary<string, string> Users);

        public sealed class ApiKeyHandler(ApiKeys keys, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
            : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
        {
            protected override Task<AuthenticateResult> HandleAuthenticateAsync()
            {
                if (!Request.Headers.TryGetValue("X-Api-Key", out var key))
                {
                    return Task.FromResult(AuthenticateResult.NoResult());
                }

                return Task.FromResult(keys.Users.TryGetValue(key.ToString(), out var user)
                    ? AuthenticateResult.Success(new(new(new ClaimsIdentity([new("sub", user)], "ApiKey")), "ApiKey"))
                    : AuthenticateResult.Fail("no such key"));
            }
        }
        """;

    private readonly Tool _tool = new();
    private readonly HttpClient _http = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _tool.DisposeAsync();
    }

    [Fact]
    public async Task It_adds_a_scheme_of_its_own_beside_tokens_and_handlers_take_its_services()
    {
        _tool.Write("handler/startup.cs", ApiKeys);
        _tool.Write("handler/evt_1001_who.cs", "public class Who : DuctsHandler { public string? Handle(ClaimsPrincipal user) => user.FindFirst(\"sub\")?.Value ?? user.FindFirst(ClaimTypes.NameIdentifier)?.Value; }");
        _tool.Write("handler/evt_1000_count.cs", "public class Count(ApiKeys keys) : DuctsHandler { public int Handle() => keys.Users.Count; }");
        _tool.Write("config_server.ini", "[api_keys_config]\nusers = {\"12345\": \"machine\"}\n");
        _tool.Environment["DUCTS_EVENT__STRICT"] = "true";
        _tool.Environment["DUCTS_AUTH__SIGNING_KEY"] = "a secret of a test, 32 bytes or more";
        Assert.Equal("config_server.ini: no problems.\n", (await _tool.RunAsync("config", "check")).Output);

        var url = await StartAsync();

        Assert.Equal("machine", await UserAsync(url, ("X-Api-Key", "12345")));
        Assert.Equal("ada", await UserAsync(url, ("Authorization", $"Bearer {(await _tool.RunAsync("token", "--subject", "ada")).Output.TrimEnd()}")));
        Assert.Null(await UserAsync(url));
        Assert.Equal("1\n", (await _tool.RunAsync("call", "COUNT", "--url", url.ToString())).Output);
        Assert.Equal("\"machine\"\n", (await _tool.RunAsync("call", "WHO", "--url", url.ToString(), "--header", "X-Api-Key: 12345")).Output);
        Assert.Contains("\n[api_keys_config]\n", (await _tool.RunAsync("config")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_problems_stop_the_start_with_their_place()
    {
        var path = _tool.Write("handler/startup.cs", "using Microsoft.AspNetCore.Builder;\npublic static class Startup\n{\n    public static void Configure(WebApplicationBuilder builder) => builder.Nothing();\n}\n");
        foreach (var verb in new[] { "start", "run" })
        {
            var result = await _tool.RunAsync("server", verb);
            Assert.Equal(1, result.ExitCode);
            Assert.StartsWith($"The server was not started, its startup file has errors:\n  {path}(4,76): error CS1061: ", result.Error, StringComparison.Ordinal);
        }

        _tool.Write("handler/startup.cs", "using Microsoft.AspNetCore.Builder;\npublic static class Startup\n{\n    public static void Configure(WebApplicationBuilder builder) => throw new Exception(\"no luck\");\n}\n");
        var thrown = await _tool.RunAsync("server", "start");
        Assert.Equal((1, $"The server was not started: {path}(4): Configure failed: Exception: no luck. More with -v.\n"), (thrown.ExitCode, thrown.Error));
        var verbose = await _tool.RunAsync("server", "start", "-v");
        Assert.Contains("System.Exception: no luck\n   at Startup.Configure(WebApplicationBuilder builder) in", verbose.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_tool.PidFile));
    }

    [Fact]
    public async Task A_change_while_the_server_watches_is_told()
    {
        _tool.Environment["DUCTS_IFCONF__LOG_FILE"] = "server.log";
        _tool.Write("handler/startup.cs", "using Microsoft.AspNetCore.Builder;\npublic static class Startup { public static void Configure(WebApplicationBuilder builder) { } }\n");
        var started = await _tool.RunAsync("server", "start", "--watch");
        Assert.Equal((0, ""), (started.ExitCode, started.Error));

        _tool.Write("handler/startup.cs", "this does not compile");

        var log = Path.Combine(_tool.Folder, "server.log");
        await Until.TrueAsync(() => File.ReadAllText(log).Contains("[WARNING] startup.cs changed; restart the server to apply it", StringComparison.Ordinal), "the warning");
        Assert.Contains("COMPILED|FILES=1", await File.ReadAllTextAsync(log), StringComparison.Ordinal);
    }

    private async Task<Uri> StartAsync()
    {
        var started = await _tool.RunAsync("server", "start");
        Assert.Equal((0, ""), (started.ExitCode, started.Error));
        return new Uri(Address().Match((await _tool.RunAsync("server", "status")).Output).Value);
    }

    private async Task<string?> UserAsync(Uri url, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, "ducts/wsd?uuid=1"));
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return document.RootElement.TryGetProperty("user", out var user) ? user.GetString() : null;
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/")]
    private static partial Regex Address();
}
