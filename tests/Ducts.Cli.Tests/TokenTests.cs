using System.Net;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace Ducts.Cli;

/// <summary><c>ducts token</c>, and the server that accepts what it makes.</summary>
[SupportedOSPlatform("linux")]
public sealed partial class TokenTests : IAsyncLifetime
{
    private const string Secret = "a secret of a test, 32 bytes or more";

    private readonly Tool _tool = new();
    private readonly HttpClient _http = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _tool.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_key_a_new_one_is_suggested_which_then_works()
    {
        var none = await _tool.RunAsync("token", "--subject", "ada");
        var other = await _tool.RunAsync("token", "--subject", "ada");
        Assert.Equal((1, ""), (none.ExitCode, none.Output));
        Assert.StartsWith("There is no key to sign with. Set one in config_server.ini, such as this new one, and restart the server:\n\n[ducts.auth_config]\n", none.Error, StringComparison.Ordinal);
        Assert.NotEqual(none.Error, other.Error);

        _tool.Write("config_server.ini", Suggested().Match(none.Error).Value);
        var made = await _tool.RunAsync("token", "--subject", "ada");
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        Assert.Equal("ada", Claims(made.Output).GetProperty("sub").GetString());
        Assert.Equal("config_server.ini: no problems.\n", (await _tool.RunAsync("config", "check")).Output);
    }

    [Fact]
    public async Task A_token_has_what_the_options_say()
    {
        _tool.Environment["DUCTS_AUTH__SIGNING_KEY"] = Secret;
        var short_ = Claims((await _tool.RunAsync("token", "--subject", "ada")).Output);
        Assert.Equal(["iss", "sub", "iat", "nbf", "exp"], short_.EnumerateObject().Select(static claim => claim.Name));
        Assert.Equal("ducts", short_.GetProperty("iss").GetString());
        Assert.Equal(3600, short_.GetProperty("exp").GetInt64() - short_.GetProperty("iat").GetInt64());

        _tool.Environment["DUCTS_AUTH__AUDIENCE"] = "app";
        var full = Claims((await _tool.RunAsync("token", "--subject", "ada", "--role", "admin", "--claim", "scope=read", "--role", "author", "--claim", "note=a=b", "--claim", "scope=write", "--expires", "7d")).Output);
        Assert.Equal(
            """{"iss":"ducts","sub":"ada","aud":"app","role":["admin","author"],"scope":["read","write"],"note":"a=b"}""",
            JsonSerializer.Serialize(full.EnumerateObject().Where(static claim => claim.Value.ValueKind != JsonValueKind.Number).ToDictionary(static claim => claim.Name, static claim => claim.Value)));
        Assert.Equal(7 * 86400, full.GetProperty("exp").GetInt64() - full.GetProperty("iat").GetInt64());
    }

    [Theory]
    [InlineData("--subject  is empty", "--subject", " ")]
    [InlineData("Option '--subject' is required.")]
    [InlineData("--expires 1x: expected a number with s, m, h or d behind it, such as 30s, 15m, 1h or 7d", "--subject", "a", "--expires", "1x")]
    [InlineData("--expires 60: expected", "--subject", "a", "--expires", "60")]
    [InlineData("--expires h: expected", "--subject", "a", "--expires", "h")]
    [InlineData("--expires 0s: expected", "--subject", "a", "--expires", "0s")]
    [InlineData("--expires -1h: expected", "--subject", "a", "--expires=-1h")]
    [InlineData("--expires 3651d: expected", "--subject", "a", "--expires", "3651d")]
    [InlineData("--expires 99999999999h: expected", "--subject", "a", "--expires", "99999999999h")]
    [InlineData("--claim team: expected a name and a value, such as team=blue.", "--subject", "a", "--claim", "team")]
    [InlineData("--claim =blue: expected a name and a value", "--subject", "a", "--claim", "=blue")]
    [InlineData("--claim exp: set it by --expires.", "--subject", "a", "--claim", "exp=1")]
    [InlineData("--claim sub: set it by --subject.", "--subject", "a", "--claim", "sub=b")]
    [InlineData("--role is empty", "--subject", "a", "--role", "")]
    public async Task What_cannot_be_in_a_token_is_told(string message, params string[] args)
    {
        _tool.Environment["DUCTS_AUTH__SIGNING_KEY"] = Secret;
        var result = await _tool.RunAsync(["token", .. args]);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith(message.Replace("  ", " ", StringComparison.Ordinal), result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tokens_of_an_authority_cannot_be_made_here()
    {
        _tool.Environment["DUCTS_AUTH__AUTHORITY"] = "https://login.example.org/";
        _tool.Environment["DUCTS_AUTH__AUDIENCE"] = "app";
        var result = await _tool.RunAsync("token", "--subject", "ada");
        Assert.Equal((1, "The server accepts the tokens of https://login.example.org/ (authority in [ducts.auth_config]), and only that can make them.\n"), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("signing_key = 0123456789012345678901234567890", 2, "signing_key: has 31 bytes: expected at least 32, such as the output of: openssl rand -base64 32")]
    [InlineData("authority = https://login.example.org/", 2, "authority: needs audience, which is not set: tokens that the provider has issued for other applications would be accepted")]
    [InlineData("audience = app", 2, "audience: needs authority or signing_key, which are not set: no token would be accepted")]
    [InlineData("audience = app\nauthority = http://login.example.org/", 3, "authority: \"http://login.example.org/\" could be answered by anybody on the way: expected https, or http on this machine only")]
    [InlineData("audience = app\nauthority = login.example.org", 3, "authority: \"login.example.org\" is no address: expected one such as https://login.example.org/tenant")]
    [InlineData("audience = app\nauthority = https://me:secret@login.example.org/", 3, "authority: has a user, a query or a fragment: expected an address without, such as https://login.example.org/tenant")]
    [InlineData("audience = app\nauthority = http://localhost:1/\nsigning_key = 01234567890123456789012345678901", 4, "signing_key: is set, and so is authority: set one of them")]
    public async Task What_clashes_is_told_by_check_and_by_start_without_the_key(string text, int line, string message)
    {
        _tool.Write("config_server.ini", $"[ducts.auth_config]\n{text}\n");
        var expected = $"config_server.ini({line}): [ducts.auth_config] {message}";
        var check = await _tool.RunAsync("config", "check");
        var start = await _tool.RunAsync("server", "start");
        Assert.Equal((1, $"{expected} [error]\n"), (check.ExitCode, check.Output));
        Assert.Equal((1, $"The server was not started, its configuration has errors:\n  {expected}\n"), (start.ExitCode, start.Error));
        Assert.DoesNotContain("0123456789", check.Output + start.Error + start.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_user_of_a_token_is_the_sessions_and_a_wrong_token_is_refused_with_the_reason()
    {
        _tool.Environment["DUCTS_AUTH__SIGNING_KEY"] = Secret;
        _tool.Environment["DUCTS_AUTH__AUDIENCE"] = "app";
        _tool.Environment["DUCTS_IFCONF__LOG_FILE"] = "server.log";
        _tool.Environment["DUCTS_IFCONF__LOG_LEVEL"] = "DEBUG";
        var token = await TokenAsync();
        _tool.Environment["DUCTS_AUTH__AUDIENCE"] = "other";
        var foreign = await TokenAsync();
        _tool.Environment["DUCTS_AUTH__AUDIENCE"] = "app";
        _tool.Environment["DUCTS_AUTH__SIGNING_KEY"] = Secret + "!";
        var forged = await TokenAsync();
        _tool.Environment["DUCTS_AUTH__SIGNING_KEY"] = Secret;
        var discovery = await StartAsync();

        var (status, anonymous) = await AskAsync(discovery, null);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False(anonymous.TryGetProperty("user", out _));
        Assert.False(Directory.Exists(Path.Combine(_tool.Folder, ".ducts", "keys")));

        (status, var known) = await AskAsync(discovery, token);
        Assert.Equal((HttpStatusCode.OK, "ada"), (status, known.GetProperty("user").GetString()));
        Assert.InRange(known.GetProperty("auth_expires_in").GetDouble(), 1, 3600);

        foreach (var (wrong, reason) in new[] { (foreign, "the token is for another audience"), (forged, "the signature of the token is not valid"), ("nonsense", "the token cannot be read") })
        {
            using var request = Request(discovery, wrong);
            using var answer = await _http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal($"Bearer error=\"invalid_token\", error_description=\"{reason}\"", answer.Headers.WwwAuthenticate.ToString());
            Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
            Assert.Equal($$"""{"error":"{{reason}}"}""", await answer.Content.ReadAsStringAsync());
        }

        var keys = Path.Combine(_tool.Folder, ".ducts", "keys");
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(keys));
        Assert.Equal(Owner, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(keys))));

        await _tool.RunAsync("server", "stop");
        var log = await File.ReadAllTextAsync(Path.Combine(_tool.Folder, "server.log"));
        var shown = log + (await _tool.RunAsync("config", "--hidden")).Output;
        Assert.Contains("A token was refused: the token is for another audience", log, StringComparison.Ordinal);
        Assert.All(new[] { Secret, token, forged, foreign }, secret => Assert.DoesNotContain(secret, shown, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
        Assert.DoesNotContain("[WARNING] No XML", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_has_the_user_of_its_token_and_the_parameters_of_its_query()
    {
        _tool.Environment["DUCTS_AUTH__SIGNING_KEY"] = Secret;
        _tool.Write("handler/evt_1000_who.cs", """
            public class Who : DuctsHandler
            {
                public string Handle(ClaimsPrincipal user, IEventSession session) =>
                    $"{user.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? "nobody"} {user.IsInRole("admin")} {user.Identity?.Name} {user.FindFirst("team")?.Value} {session.Query.GetValueOrDefault("room")}";
            }
            """);
        var token = (await _tool.RunAsync("token", "--subject", "ada", "--role", "admin", "--claim", "team=blue")).Output.TrimEnd();
        var url = new Uri(await StartAsync(), "/").ToString();

        Assert.Equal("\"nobody False   \"\n", (await CallAsync()).Output);
        Assert.Equal("\"ada True ada blue a=b\"\n", (await CallAsync("--token", token, "--query", "room=a=b")).Output);
        Assert.Equal("\"ada True ada blue \"\n", (await CallAsync("--header", $"Authorization: Bearer {token}")).Output);
        foreach (var claim in new[] { "name", "preferred_username", "unique_name" })
        {
            var named = (await _tool.RunAsync("token", "--subject", "ada", "--claim", $"{claim}=Ada L")).Output.TrimEnd();
            Assert.Equal("\"ada False Ada L  \"\n", (await CallAsync("--token", named)).Output);
        }

        Assert.Contains("WHO", (await _tool.RunAsync("events", url, "--token", token)).Output, StringComparison.Ordinal);
        var refused = await CallAsync("--token", "nonsense");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.EndsWith("answered 401 Unauthorized: the token cannot be read.\n", refused.Error, StringComparison.Ordinal);

        _tool.Environment["DUCTS_TOKEN"] = token;
        Assert.Equal("\"ada True ada blue \"\n", (await CallAsync()).Output);
        Assert.Equal("--header Authorization: there is a token, too (--token or DUCTS_TOKEN); give one of them.\n", (await CallAsync("--header", "Authorization: Bearer x")).Error);
        Assert.Equal("The token (--token, DUCTS_TOKEN) has characters that no token has.\n", (await CallAsync("--token", "a b")).Error);
        Assert.StartsWith("--header X Y: expected the name of a request's header and a value", (await CallAsync("--header", "X Y: 1")).Error, StringComparison.Ordinal);
        Assert.StartsWith("--header X: expected", (await CallAsync("--header", "X")).Error, StringComparison.Ordinal);
        Assert.Equal("--query room: expected a name and a value, such as room=blue.\n", (await CallAsync("--query", "room")).Error);
        Assert.Equal("--query room=2: the name is there already.\n", (await CallAsync("--query", "room=1", "--query", "room=2")).Error);

        Task<ToolResult> CallAsync(params string[] args) => _tool.RunAsync(["call", "WHO", "--url", url, .. args]);
    }

    [Fact]
    public async Task A_token_that_has_expired_opens_no_session()
    {
        _tool.Environment["DUCTS_AUTH__SIGNING_KEY"] = Secret;
        var token = Identity.TokenSigner.Sign(new DuctsAuthOptions { SigningKey = Secret }, "ada", [], [], TimeSpan.FromMinutes(5), new Earlier(TimeSpan.FromHours(1)));
        var (status, answer) = await AskAsync(await StartAsync(), token);
        Assert.Equal((HttpStatusCode.Unauthorized, "the token has expired"), (status, answer.GetProperty("error").GetString()));
    }

    private async Task<string> TokenAsync()
    {
        var made = await _tool.RunAsync("token", "--subject", "ada");
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        return made.Output.TrimEnd();
    }

    private async Task<Uri> StartAsync()
    {
        var started = await _tool.RunAsync("server", "start");
        Assert.Equal((0, ""), (started.ExitCode, started.Error));
        return new Uri(new Uri(Address().Match((await _tool.RunAsync("server", "status")).Output).Value), "ducts/wsd?uuid=1");
    }

    private static HttpRequestMessage Request(Uri discovery, string? token) =>
        new(HttpMethod.Get, discovery) { Headers = { Authorization = token is null ? null : new("Bearer", token) } };

    private async Task<(HttpStatusCode Status, JsonElement Answer)> AskAsync(Uri discovery, string? token)
    {
        using var request = Request(discovery, token);
        using var answer = await _http.SendAsync(request);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return (answer.StatusCode, document.RootElement.Clone());
    }

    private static JsonElement Claims(string token)
    {
        using var document = JsonDocument.Parse(Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(token.Split('.')[1])));
        return document.RootElement.Clone();
    }

    [GeneratedRegex(@"\[ducts\.auth_config\]\nsigning_key = \S+\n")]
    private static partial Regex Suggested();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/")]
    private static partial Regex Address();

    private sealed class Earlier(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() - by;
    }
}
