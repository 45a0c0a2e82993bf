using Ducts.EndToEnd.Browser;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Samples;

/// <summary>The sample with bearer tokens, in a real browser, as the guide "Users and rights" has it.</summary>
public sealed class TokenSampleTests(Chromium chromium) : IAsyncLifetime
{
    private readonly WorkingFolder _folder = new();

    public async ValueTask InitializeAsync()
    {
        _folder.CopyFrom(Repository.Path("samples/users/tokens"));
        _folder.Environment["DUCTS_AUTH__SIGNING_KEY"] = "a secret of a test, 32 bytes or more";
        await _folder.StartServerAsync();
    }

    public async ValueTask DisposeAsync() => await _folder.DisposeAsync();

    [Fact]
    public async Task A_page_has_the_user_of_its_token()
    {
        await using var page = await chromium.OpenAsync(_folder.Address!);

        await page.ClickAsync("#connect");
        await page.HasExactTextAsync("#user", "nobody");
        await page.HasTextAsync("#said", "Give a token");
        await page.FillAsync("#token", await TokenAsync("ada", "--role", "admin"));
        await page.ClickAsync("#connect");
        await page.HasExactTextAsync("#user", "ada");
        await page.HasExactTextAsync("#said", "Hello, ada!");
        await page.AssertCleanAsync();

        await page.FillAsync("#token", await TokenAsync("ada") + "x");
        await page.ClickAsync("#connect");
        await page.HasTextAsync("#said", "the signature of the token is not valid");
    }

    [Fact]
    public async Task The_console_of_the_browser_takes_a_token()
    {
        await using var page = await chromium.OpenAsync(_folder.Address!);

        Assert.Equal("Hello, bob!", await InConsoleAsync("duct.call('HELLO')", await TokenAsync("bob")));
        Assert.Equal("KeyError: The server has no event SIGN_OUT.", await InConsoleAsync("duct.call('SIGN_OUT', { name: 'ada' })", await TokenAsync("bob")));
        Assert.Equal("PermissionError: this event needs the role admin", await InConsoleAsync("duct.call(1002, { name: 'ada' })", await TokenAsync("bob")));
        Assert.Equal("PermissionError: this event needs an authenticated user", await InConsoleAsync("duct.call(1000)", ""));

        Task<string> InConsoleAsync(string call, string token) => page.Page.EvaluateAsync<string>(
            $$"""
            async token => {
              const duct = await ducts.connect("/ducts/wsd", { token });
              try {
                return await {{call}};
              } catch (error) {
                return `${error.name}: ${error.message}`;
              } finally {
                await duct.close();
              }
            }
            """,
            token);
    }

    [Fact]
    public async Task Who_is_signed_out_gets_on_with_a_new_token_only()
    {
        await using var page = await chromium.OpenAsync(_folder.Address!);
        await page.FillAsync("#token", await TokenAsync("bob"));
        await page.ClickAsync("#connect");
        await page.HasExactTextAsync("#said", "Hello, bob!");
        await NextSecondAsync();

        _folder.Environment["DUCTS_TOKEN"] = await TokenAsync("ada", "--role", "admin");
        var signedOut = await _folder.DuctsAsync("call", "SIGN_OUT", "bob", "--url", _folder.Address!.AbsoluteUri);

        Assert.Equal("1\n", signedOut.Output);
        await page.HasTextAsync("#said", "the user has been signed out; sign in again");
        await NextSecondAsync();
        await page.FillAsync("#token", await TokenAsync("bob"));
        await page.HasExactTextAsync("#said", "Hello, bob!");
    }

    [Fact]
    public async Task Rights_that_expire_are_renewed_with_the_token_that_the_page_has_by_then()
    {
        await using var page = await chromium.OpenAsync(_folder.Address!);
        var next = await TokenAsync("bob");
        await page.FillAsync("#token", await TokenAsync("bob", "--expires", "10s"));
        await page.ClickAsync("#connect");
        await page.HasExactTextAsync("#said", "Hello, bob!");

        var renewed = page.Page.WaitForRequestAsync(request => request.Headers.GetValueOrDefault("authorization") == $"Bearer {next}");
        await page.FillAsync("#token", next);

        Assert.EndsWith("/ducts/wsd", new Uri((await renewed).Url).AbsolutePath, StringComparison.Ordinal);
        await page.AssertCleanAsync();
    }

    private async Task<string> TokenAsync(string subject, params string[] options)
    {
        var made = await _folder.DuctsAsync(["token", "--subject", subject, .. options]);
        Assert.True(made.ExitCode == 0, $"There is no token: {made}");
        return made.Output.Trim();
    }

    /// <summary>Tokens have whole seconds: one that was issued in the second of a signing out may be newer.</summary>
    private static Task NextSecondAsync()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return Until.TrueAsync(() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() > now, () => "the next second");
    }
}
