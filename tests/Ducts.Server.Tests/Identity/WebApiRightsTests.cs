using System.Net;
using System.Text.Json;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Server.Tests.Identity;

/// <summary>What holds for an event holds for its Web APIs, with the same words.</summary>
public class WebApiRightsTests(RedisFixture redis)
{
    [Theory]
    [InlineData("admins", null, 401, "this event needs an authenticated user")]
    [InlineData("admins", "ada", 403, "this event needs the role admin")]
    [InlineData("admins", "ada role=admin", 200, null)]
    [InlineData("adults", "ada age=9", 403, "this event needs the policy \"adults\"")]
    [InlineData("open", null, 200, null)]
    [InlineData("unmarked", null, 200, null)]
    [InlineData("onmethod", null, 401, "this event needs an authenticated user")]
    [InlineData("onmethod", "ada", 200, null)]
    public async Task A_refused_caller_is_told_what_is_missing(string handler, string? user, int status, string? detail)
    {
        await using var server = await StartAsync();
        using var answer = await server.GetAsync($"/ducts/api/v1/{handler}/one", user);
        await ExpectAsync(answer, status, detail);
    }

    [Theory]
    [InlineData("admins", 401)]
    [InlineData("open", 200)]
    public async Task Without_an_authentication_scheme_there_is_a_status_and_no_exception(string handler, int status)
    {
        await using var server = await StartAsync(hasScheme: false);
        using var answer = await server.GetAsync($"/ducts/api/v1/{handler}/one");
        await ExpectAsync(answer, status, status == 200 ? null : "this event needs an authenticated user");
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task What_is_not_marked_needs_a_user_where_the_application_wants_it()
    {
        await using var server = await StartAsync(configure: static options => options.Auth.AuthorizeByDefault = true);
        foreach (var (handler, user, status) in new[] { ("unmarked", null, 401), ("unmarked", "ada", 200), ("open", null, 200), ("adults", "ada age=30", 200) })
        {
            using var answer = await server.GetAsync($"/ducts/api/v1/{handler}/one", user);
            Assert.Equal(status, (int)answer.StatusCode);
        }

        // Discovery and the libraries are for those who are to sign in.
        using var discovery = await server.GetAsync("/ducts/wsd?uuid=1");
        Assert.Equal(HttpStatusCode.OK, discovery.StatusCode);
    }

    [Fact]
    public async Task All_endpoints_of_Ducts_say_it_in_their_own_form_and_those_of_the_application_in_its()
    {
        await using var server = await StartAsync(map: static app => app.MapGet("/own", static () => 1).RequireAuthorization(), secure: true);
        using var discovery = await server.GetAsync("/ducts/wsd?uuid=1");
        Assert.Equal(HttpStatusCode.Unauthorized, discovery.StatusCode);
        Assert.Equal("""{"error":"this event needs an authenticated user"}""".Replace("event", "server", StringComparison.Ordinal), await discovery.Content.ReadAsStringAsync());
        using var own = await server.GetAsync("/own");
        Assert.Equal(HttpStatusCode.Unauthorized, own.StatusCode);
        Assert.Equal("", await own.Content.ReadAsStringAsync());
        using var known = await server.GetAsync("/ducts/wsd?uuid=1", "ada");
        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_applications_own_answers_to_refusals_stay(bool isAddedBefore)
    {
        await using var server = await GuardedServer.StartAsync(
            redis,
            ducts => Add(ducts.Services, !isAddedBefore),
            handlers: [typeof(Admins)],
            hasScheme: false,
            before: services => Add(services, isAddedBefore));
        using var answer = await server.GetAsync("/ducts/api/v1/admins/one");
        Assert.Equal(418, (int)answer.StatusCode);

        static void Add(IServiceCollection services, bool isWanted)
        {
            if (isWanted)
                services.AddSingleton<IAuthorizationMiddlewareResultHandler, Teapot>();
        }
    }

    [Fact]
    public async Task Cookies_send_nobody_to_a_page_to_sign_in_but_on_the_applications_own_pages()
    {
        await using var server = await GuardedServer.StartAsync(
            redis,
            map: static app => app.MapGet("/own", static () => "page").RequireAuthorization(),
            handlers: [typeof(Admins)],
            hasScheme: false,
            conventions: static conventions => conventions.RequireAuthorization(),
            before: static services => services.AddAuthentication("Cookies").AddCookie());
        using var api = await server.GetAsync("/ducts/api/v1/admins/one");
        await ExpectAsync(api, 401, "this event needs an authenticated user");
        using var discovery = await server.GetAsync("/ducts/wsd?uuid=1");
        Assert.Equal(HttpStatusCode.Unauthorized, discovery.StatusCode);
        using var own = await server.GetAsync("/own");
        Assert.Equal(HttpStatusCode.Redirect, own.StatusCode);
    }

    private static async Task ExpectAsync(HttpResponseMessage answer, int status, string? detail)
    {
        Assert.Equal(status, (int)answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync();
        if (detail is null)
        {
            Assert.Equal("1", text);
            return;
        }

        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        using var problem = JsonDocument.Parse(text);
        Assert.Equal(detail, problem.RootElement.GetProperty("detail").GetString());
        Assert.Equal("PermissionError", problem.RootElement.GetProperty("error").GetString());
    }

    private Task<GuardedServer> StartAsync(
        Action<IDuctsBuilder>? build = null,
        Action<DuctsOptions>? configure = null,
        Action<WebApplication>? map = null,
        bool hasScheme = true,
        bool secure = false) =>
        GuardedServer.StartAsync(
            redis,
            ducts =>
            {
                ducts.Services.AddAuthorization(static options => options.AddPolicy("adults", static policy => policy.RequireAssertion(static context =>
                    int.Parse(context.User.FindFirst("age")?.Value ?? "0", System.Globalization.CultureInfo.InvariantCulture) >= 18)));
                build?.Invoke(ducts);
            },
            map,
            configure,
            [typeof(Admins), typeof(Adults), typeof(Open), typeof(Unmarked), typeof(OnMethod)],
            hasScheme,
            secure ? static conventions => conventions.RequireAuthorization() : null);

    private sealed class Teapot : IAuthorizationMiddlewareResultHandler
    {
        public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
        {
            context.Response.StatusCode = authorizeResult.Succeeded ? 200 : 418;
            return authorizeResult.Succeeded ? next(context) : Task.CompletedTask;
        }
    }

    [Authorize(Roles = "admin")]
    public sealed class Admins : DuctsHandler
    {
        public int Handle() => 1;

        [WebApi("GET", "one")]
        public int One() => 1;
    }

    [Authorize("adults")]
    public sealed class Adults : DuctsHandler
    {
        public int Handle() => 1;

        [WebApi("GET", "one")]
        public int One() => 1;
    }

    [AllowAnonymous]
    public sealed class Open : DuctsHandler
    {
        public int Handle() => 1;

        [WebApi("GET", "one")]
        public int One() => 1;
    }

    public sealed class Unmarked : DuctsHandler
    {
        public int Handle() => 1;

        [WebApi("GET", "one")]
        public int One() => 1;
    }

    public sealed class OnMethod : DuctsHandler
    {
        public int Handle() => 1;

        [WebApi("GET", "one")]
        [Authorize]
        public int One() => 1;
    }
}
