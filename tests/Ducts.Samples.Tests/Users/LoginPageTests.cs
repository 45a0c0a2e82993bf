extern alias login;

using Ducts.Samples.Tests.Support;
using login::LoginPage.Handlers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace Ducts.Samples.Tests.Users;

/// <summary>The sample with a page to sign in, in a real browser.</summary>
public sealed class LoginPageTests(Chromium chromium) : IAsyncLifetime
{
    private readonly LoginPageFactory _factory = new();

    public ValueTask InitializeAsync()
    {
        _factory.UseKestrel(0);
        _factory.StartServer();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _factory.DisposeAsync();

    [Fact]
    public async Task Who_signs_in_is_the_user_of_the_session()
    {
        var page = await OpenAsync();
        await ShowsAsync(page, "#signIn");

        await SignInAsync(page, "ada", "goose");
        await SaysAsync(page, "#said", "The name or the password is wrong.");
        await SignInAsync(page, "ada");
        await SaysAsync(page, "#greeting", "Hello, ada!");
        await ShowsAsync(page, "#others");

        await page.ClickAsync("#signOut");
        await ShowsAsync(page, "#signIn");
    }

    [Fact]
    public async Task Without_a_role_an_event_is_neither_shown_nor_run()
    {
        var page = await OpenAsync();
        await SignInAsync(page, "bob");
        await SaysAsync(page, "#greeting", "Hello, bob!");

        await Assertions.Expect(page.Locator("#others")).ToBeHiddenAsync();
        Assert.Equal("PermissionError: this event needs the role admin", await page.EvaluateAsync<string>(
            """
            async () => {
              const duct = await ducts.connect("/ducts/wsd");
              return await duct.call(1001, { name: "ada" }).catch((error) => `${error.name}: ${error.message}`);
            }
            """));
    }

    [Fact]
    public async Task An_administrator_signs_somebody_out_in_all_windows()
    {
        var ada = await OpenAsync();
        await SignInAsync(ada, "ada");
        await ShowsAsync(ada, "#others");
        var bob = await OpenAsync();
        await SignInAsync(bob, "bob");
        await SaysAsync(bob, "#greeting", "Hello, bob!");
        var second = await bob.Context.NewPageAsync();
        await second.GotoAsync(bob.Url);
        await SaysAsync(second, "#greeting", "Hello, bob!");
        await NextSecondAsync();

        await ada.FillAsync("#others input", "bob");
        await ada.ClickAsync("#others button");

        await SaysAsync(ada, "#said", "Sessions ended: 2");
        foreach (var page in new[] { bob, second })
        {
            await ShowsAsync(page, "#signIn");
            await Assertions.Expect(page.Locator("#said")).ToContainTextAsync("the user has been signed out; sign in again", new() { Timeout = Timeout });
        }

        await NextSecondAsync();
        await SignInAsync(bob, "bob");
        await SaysAsync(bob, "#greeting", "Hello, bob!");
    }

    private static float Timeout => (float)Until.Patience.TotalMilliseconds;

    private Task<IPage> OpenAsync() => chromium.OpenAsync(_factory.ClientOptions.BaseAddress);

    private static async Task SignInAsync(IPage page, string name, string password = "duck")
    {
        await page.FillAsync("#signIn [name=name]", name);
        await page.FillAsync("#signIn [name=password]", password);
        await page.ClickAsync("#signIn button");
    }

    private static Task SaysAsync(IPage page, string selector, string text) =>
        Assertions.Expect(page.Locator(selector)).ToHaveTextAsync(text, new() { Timeout = Timeout });

    private static Task ShowsAsync(IPage page, string selector) =>
        Assertions.Expect(page.Locator(selector)).ToBeVisibleAsync(new() { Timeout = Timeout });

    /// <summary>Cookies have whole seconds: one that was issued in the second of a signing out may be newer.</summary>
    private static Task NextSecondAsync()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return Until.TrueAsync(() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() > now);
    }

    /// <summary>The sample as <c>dotnet run</c> starts it, with a Redis of its own.</summary>
    private sealed class LoginPageFactory : WebApplicationFactory<Hello>
    {
        private readonly string _home = Directory.CreateTempSubdirectory("login-page-").FullName;

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            if (Directory.Exists(_home))
            {
                Directory.Delete(_home, recursive: true);
            }
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Development");
            builder.ConfigureLogging(static logging => logging.ClearProviders());
            builder.UseSetting("Ducts:Common:DuctsHome", _home);
            builder.UseSetting("Ducts:Redis:RedisEmbedded", "always");
        }
    }
}
