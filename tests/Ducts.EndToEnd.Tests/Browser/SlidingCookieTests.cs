using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Browser;

/// <summary>A page whose user has a cookie that is issued anew while it is in use.</summary>
public sealed class SlidingCookieTests(Chromium chromium)
{
    private const string Startup =
        """
        using System;
        using Microsoft.AspNetCore.Authentication.Cookies;
        using Microsoft.AspNetCore.Builder;
        using Microsoft.Extensions.DependencyInjection;

        public static class Startup
        {
            public static void Configure(WebApplicationBuilder builder) =>
                builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(options => options.ExpireTimeSpan = TimeSpan.FromSeconds(8));
        }
        """;

    private const string Who =
        """
        using System.Security.Claims;
        using Ducts;
        using Microsoft.AspNetCore.Authorization;
        using Microsoft.AspNetCore.Http;

        public sealed class Who : DuctsHandler
        {
            [Authorize]
            public string Handle(ClaimsPrincipal user) => user.Identity.Name;

            [WebApi("POST", "sign_in")]
            public IResult SignIn() => Results.SignIn(new ClaimsPrincipal(new ClaimsIdentity(new[] { new Claim(ClaimTypes.Name, "ada") }, "Cookies")), authenticationScheme: "Cookies");
        }
        """;

    [Fact]
    public async Task Its_session_outlives_the_first_cookie()
    {
        await using var folder = new WorkingFolder();
        Assert.Equal(0, (await folder.DuctsAsync("new", ".")).ExitCode);
        folder.Write("handler/startup.cs", Startup);
        folder.Write("handler/evt_2000_who.cs", Who);
        await folder.StartServerAsync();
        await using var page = await chromium.OpenAsync(folder.Address!);

        // The page waits for a call that is answered after the first cookie would have expired. Without new rights, calls are refused
        // from then on, and later the session ends.
        var said = await page.Page.EvaluateAsync<string>(
            """
            async () => {
              const signedIn = performance.now();
              await fetch("/ducts/api/v1/who/sign_in", { method: "POST" });
              const duct = await ducts.connect("/ducts/wsd");
              let ended = "";
              duct.onreconnected = ({ fresh }) => { if (fresh) ended = "fresh"; };
              duct.onerror = (error) => { ended = error.message; };
              for (;;) {
                const sent = performance.now();
                let answer;
                try {
                  answer = await duct.call("WHO");
                } catch (error) {
                  if (ended) return `${error.message}, ${ended}`;
                }
                if (ended) return ended;
                if (answer && sent - signedIn > 9000) return answer;
                await new Promise((resolve) => setTimeout(resolve, 200));
              }
            }
            """);

        Assert.Equal("ada", said);
    }
}
